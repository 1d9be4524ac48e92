from cases import case, up
CASES=[]
import itertools
for combo in itertools.product((0,1), repeat=5):
    words=[w for w,c in zip(("option /etc/ppp/pptpd-options","noipparam","delegate","logwtmp","speed 57600"),combo) if c]
    CASES.append(case("pppd: "+" ".join(words), conf="\n".join(words)+"\nlocalip 10.1.0.1\nremoteip 10.2.0.1-9\n", steps=up("a")))
CASES.append(case("pppd: bg process", argv="", steps=up("a")))
