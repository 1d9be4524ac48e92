from cases import case, up
C=[]
def f(name, conf, argv="-f", clients="abc", **k):
    k.setdefault("steps", up(*clients))
    C.append(case("addresses: "+name, argv=argv, conf=conf, **k))
f("default", "")
f("only remoteip", "remoteip 10.2.0.1-9\n")
f("only localip", "localip 10.1.0.1\n")
for s in ("10.2.0.1","10.2.0.1,10.2.0.7","10.2.0.1-3","10.2.5-7.1","10.4-6.0.1","10-12.0.0.1","10.2.0.1,10.3.0.4-5","10.2.0.5-5","nine.example,10.2.0.3", "10.2.0.1-3,nine.example,10.2.0.9", "010.2.0.1", "10.2.0.01,10.2.0.2", "0.0.0.0,10.2.0.9", "10.2.0.0-255", "10.2.0.1-2,", "10.2.0.254-255"):
    f("remote "+s, "localip 10.1.0.1\nremoteip %s\n"%s, clients="ab" if s=="10.2.0.1,10.2.0.7" else "a" if s in ("10.2.0.1","10.2.0.5-5") else "ab" )
    f("local "+s, "localip %s\nremoteip 10.9.0.1-9\n"%s, clients="a" if s in ("10.2.0.5-5",) else "ab")
for s in ("10.2.0.1-10.2.0.9","10.2.0.0/24","10.2-3.0.1-2","10.2.0.9-3","10.2.0.-3","10.2.0.3-","10.2.0.-","10.2.0.256","10.2.0.1-256","10.2.0.1,","","10.2.0.1, 10.2.0.2","10.2.0.1 ,10.2.0.2",",10.2.0.1","10.2.0","10.2.0.1.2","no.such.example","junk","10.2.0.1;10.2.0.2","234-8","10.2.0.234-8", "fd00::1", "10.2.0.1-2-3", "10.2.0.1\r", "-", "10.2.0.a-b", "1000-1001.0.0.1", "10.2.0.300-301", "10.2.0.1-2\r", "no-such.example"):
    f("badremote %r"%s, "localip 10.1.0.1\nremoteip %s\n"%s, clients="a")
    f("badlocal %r"%s, "localip %s\nremoteip 10.9.0.1-9\n"%s, clients="a")
f("dup remote", "localip 10.1.0.1\nremoteip 10.2.0.1-3,10.2.0.2\n")
f("dup local", "localip 10.1.0.1,10.1.0.1\nremoteip 10.2.0.1-3\n", clients="ab")
f("same both", "localip 10.1.0.1\nremoteip 10.1.0.1-3\n", clients="ab")
f("paired", "localip 10.1.0.1-3\nremoteip 10.2.0.1-3\n")
f("fewer local", "localip 10.1.0.1-2\nremoteip 10.2.0.1-5\n", clients="ab")
f("more local", "localip 10.1.0.1-9\nremoteip 10.2.0.1-2\n", clients="ab")
f("limit remote", "connections 2\nlocalip 10.1.0.1\nremoteip 10.2.0.1-9\n", clients="ab")
f("limit both", "connections 2\nlocalip 10.1.0.1-9\nremoteip 10.2.0.1-9\n", clients="ab")
f("limit exact", "connections 3\nlocalip 10.1.0.1-3\nremoteip 10.2.0.1-3\n", clients="ab")
f("dup beyond the limit", "connections 2\nlocalip 10.1.0.1\nremoteip 10.2.0.1-3,10.2.0.2\n", clients="ab")
f("bad beyond the limit", "connections 2\nlocalip 10.1.0.1\nremoteip 10.2.0.1-3,junk\n", clients="ab")
f("big", "connections 1000\nlocalip 10.1.0.1\nremoteip 10.2.0.0-255,10.3.0.0-255\n", clients="ab")
f("both bad", "localip junk1\nremoteip junk2\n")
f("reuse", "localip 10.1.0.1\nremoteip 10.2.0.1-2\n", steps=up("ab")+[("close","a"),("no_ctrl_of","a")]+up("c") if 0 else up(*"ab")+[("send","a",__import__("pptp").stop_ccrq()),("until_end","a"),("log","finished")]+[("open","c","127.0.0.4"),("hello","c"),("call","c")])
f("exhausted", "localip 10.1.0.1\nremoteip 10.2.0.1\n", steps=up("a")+[("open","b","127.0.0.3"),("send","b",__import__("pptp").sccrq()),("until_end","b")])
f("exhausted connections", "connections 1\nlocalip 10.1.0.1\nremoteip 10.2.0.1\n", steps=up("a")+[("open","b","127.0.0.3"),("send","b",__import__("pptp").sccrq()),("log","No free"),("still_open","b")])
f("delegate limit", "connections 1\ndelegate\n", clients="abc")
CASES=C
