from cases import case, up
C=[]
def f(name, argv="-f", **k):
    C.append(case("process: "+name, argv=argv, **k))
f("pidfile fg", steps=[("pidfile",),("signal","SIGTERM"),("ended",),("no_pidfile",)])
f("pidfile bg", "", steps=[("pidfile",),("signal","SIGTERM"),("ended",),("no_pidfile",)])
f("pidfile flag", "-f -p /run/x.pid", steps=[("pidfile","/run/x.pid"),("no_pidfile",),("signal","SIGTERM"),("ended",),("no_pidfile","/run/x.pid")])
f("pidfile long", "-f --pidfile=/run/x.pid", steps=[("pidfile","/run/x.pid"),("no_pidfile",)])
f("pidfile stale", files={"/run/pptpd.pid":"1234567890\n"}, steps=[("pidfile",)])
f("pidfile unwritable", "-f -p /none/x.pid", steps=up("a"))
f("pidfile unwritable bg", "-p /none/x.pid", steps=up("a"))
f("pidfile symlink", before=[], steps=[])
f("pidfile relative bg", "-p x.pid", steps=[("pidfile","/x.pid")])
f("pidfile relative fg", "-f -p x.pid", steps=[("pidfile","/run/x.pid")])
f("bind fg", before=[("occupy","0.0.0.0")])
f("bind bg", "", before=[("occupy","0.0.0.0")])
f("bind bg pid", "", before=[("occupy","0.0.0.0")], always=True, steps=[("no_pidfile",)])
f("services", files={"/etc/services":"pptp 1799/tcp\n"}, listens="00000000:0707", steps=[])
f("deny all", files={"/etc/hosts.deny":"pptpd: ALL\n"}, steps=[("open","a"),("until_end","a")])
f("deny one", files={"/etc/hosts.deny":"pptpd: 127.0.0.3\n"}, steps=[("open","b","127.0.0.3"),("until_end","b")]+up("a"))
f("allow over deny", files={"/etc/hosts.deny":"ALL: ALL\n","/etc/hosts.allow":"pptpd: 127.0.0.2\n"}, steps=[("open","b","127.0.0.3"),("until_end","b")]+up("a"))
f("deny name", files={"/etc/hosts.deny":"pptpd: nine.example\n"}, steps=[("open","b","127.0.0.9"),("until_end","b")]+up("a"))
for n in ("SIGHUP","SIGINT","SIGUSR1","SIGTERM"):
    f("sig "+n, steps=[("signal",n),("ended",)])
for a in ("", "0 0 0 0 0", "0 0 0 0 0 0", "--help", "-v", "0 0 1"):
    f("ctrl "+a, None, steps=[("ctrl", a.split())])
f("title", steps=[("open","a"),("send","a",b"x"),("titles",)])
f("second", steps=[("second", ["-f"])])
CASES=C
