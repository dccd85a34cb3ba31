import socket,sys,time,threading,os
PORT=int(sys.argv[1]); HOST=b"127.0.0.1:%d"%PORT
def conn():
    s=socket.create_connection(("127.0.0.1",PORT)); return s
def ask(raw,t=8):
    s=conn(); s.settimeout(t)
    try:
        s.sendall(raw)
    except OSError as e: pass
    out=b""
    try:
        while True:
            c=s.recv(65536)
            if not c: break
            out+=c
            if len(out)>200000: break
    except (socket.timeout,OSError): pass
    s.close(); return out
def req(method,path,headers=(),body=b"",host=HOST):
    h=[b"%s %s HTTP/1.1"%(method,path),b"Host: "+host,b"Connection: close"]+list(headers)
    if body: h.append(b"Content-Length: %d"%len(body))
    return b"\r\n".join(h)+b"\r\n\r\n"+body
def head(o): return o.split(b"\r\n\r\n",1)[0]
F=b"Content-Type: application/x-www-form-urlencoded"
cases=[
 ("unknown client",req(b"GET",b"/authorize?client_id=x&redirect_uri=https://evil.example/")),
 ("PUT authorize",req(b"PUT",b"/authorize")),
 ("OPTIONS authorize",req(b"OPTIONS",b"/authorize")),
 ("TRACE authorize",req(b"TRACE",b"/authorize")),
 ("CONNECT",b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n"),
 ("HEAD authorize",req(b"HEAD",b"/authorize?client_id=x")),
 ("PATCH token",req(b"PATCH",b"/token")),
 ("weird method",req(b"FOO",b"/login")),
 ("10MB token",req(b"POST",b"/token",[F],b"a="+b"x"*10_000_000)),
 ("10MB login",req(b"POST",b"/login",[F],b"a="+b"x"*10_000_000)),
 ("10MB authorize",req(b"POST",b"/authorize",[F],b"a="+b"x"*10_000_000)),
 ("10MB GET jwks",req(b"GET",b"/jwks",[],b"x"*10_000_000)),
 ("chunked bad",b"POST /token HTTP/1.1\r\nHost: "+HOST+b"\r\nTransfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nzz\r\n"),
 ("CL+TE",b"POST /token HTTP/1.1\r\nHost: "+HOST+b"\r\nConnection: close\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
 ("wrong content type",req(b"POST",b"/token",[b"Content-Type: application/json"],b"{}")),
 ("login json",req(b"POST",b"/login",[b"Content-Type: application/json"],b"{}")),
 ("login multipart",req(b"POST",b"/consent",[b"Content-Type: multipart/form-data; boundary=x"],b"--x")),
 ("bad ct bytes",req(b"POST",b"/token",[b"Content-Type: \xff\xfe"],b"a=b")),
 ("two ct",req(b"POST",b"/token",[F,b"Content-Type: text/plain"],b"grant_type=x&client_id=y")),
 ("nul",req(b"GET",b"/authorize?client_id=%00")),
 ("nonutf8",req(b"GET",b"/authorize?client_id=%ff%fe")),
 ("raw nonutf8",req(b"GET",b"/authorize?client_id=\xff\xfe")),
 ("raw utf8 path",req(b"GET",b"/\xc3\xa9")),
 ("pct path",req(b"GET",b"/%2e%2e/%2e%2e/etc/passwd")),
 ("dots",req(b"GET",b"/../../etc/passwd")),
 ("//evil",req(b"GET",b"//evil.example/authorize")),
 ("abs evil",req(b"GET",b"http://evil.example/token")),
 ("no host 1.0",b"GET /token HTTP/1.0\r\n\r\n"),
 ("two hosts",b"GET /jwks HTTP/1.1\r\nHost: "+HOST+b"\r\nHost: evil.example\r\nConnection: close\r\n\r\n"),
 ("evil host page",req(b"GET",b"/authorize",[b"Accept: text/html"],host=b"evil.example")),
 ("evil host",req(b"GET",b"/.well-known/openid-configuration",host=b"evil.example")),
 ("fwd host",req(b"GET",b"/.well-known/openid-configuration",[b"X-Forwarded-Host: evil.example",b"X-Forwarded-Proto: https",b"Forwarded: host=evil.example"])),
 ("repeat",req(b"GET",b"/authorize?client_id=a&client_id=b")),
 ("65 params",req(b"GET",b"/authorize?"+b"&".join(b"p%d=1"%i for i in range(70)))),
 ("60k query",req(b"GET",b"/authorize?client_id="+b"x"*60000)),
 ("70k query",req(b"GET",b"/authorize?client_id="+b"x"*70000)),
 ("200k header",req(b"GET",b"/login",[b"Cookie: "+b"x"*200000])),
 ("200 headers",req(b"GET",b"/login",[b"X-%d: 1"%i for i in range(200)])),
 ("bad base64 basic",req(b"POST",b"/token",[F,b"Authorization: Basic %%%"],b"grant_type=client_credentials")),
 ("two auth",req(b"POST",b"/token",[F,b"Authorization: Basic YTpi",b"Authorization: Basic YTpi"],b"grant_type=client_credentials")),
 ("bin auth",req(b"POST",b"/token",[F,b"Authorization: Basic \xff\xff"],b"grant_type=client_credentials")),
 ("bearer junk",req(b"GET",b"/userinfo",[b"Authorization: Bearer a.b.c"])),
 ("bearer bin",req(b"GET",b"/userinfo",[b"Authorization: Bearer \xff"])),
 ("assert junk",req(b"POST",b"/token",[F],b"grant_type=client_credentials&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion="+b"."*60000)),
 ("logout evil",req(b"GET",b"/logout?post_logout_redirect_uri=https://evil.example/")),
 ("logout post evil",req(b"POST",b"/logout",[F],b"post_logout_redirect_uri=https://evil.example/")),
 ("logout post crlf",req(b"POST",b"/logout",[F],b"state=a%0d%0aSet-Cookie:x")),
 ("authorize post",req(b"POST",b"/authorize",[F],b"client_id=x&redirect_uri=//evil.example")),
 ("login bad interaction",req(b"GET",b"/login?interaction=%3Cscript%3E")),
 ("consent none",req(b"GET",b"/consent")),
 ("xss",req(b"GET",b"/authorize?client_id=%3Cscript%3Ealert(1)%3C/script%3E&%3Cb%3E=1")),
 ("empty body",req(b"POST",b"/token",[F])),
 ("range",req(b"GET",b"/jwks",[b"Range: bytes=0-1"])),
 ("upgrade h2c",req(b"GET",b"/jwks",[b"Upgrade: h2c",b"HTTP2-Settings: AAMAAABkAAQAAP__"])),
]
for name,raw in cases:
    o=ask(raw); l=o.split(b"\r\n",1)[0]
    loc=[x for x in head(o).split(b"\r\n") if x.lower().startswith((b"location",b"allow"))]
    flag=""
    if b" 50" in l or not l: flag="  <<<<<"
    if any(b"evil" in x and not x.lower().startswith((b"location: /logout?",b"location: /authorize?")) for x in loc): flag+="  LOC<<<<"
    if b"<script>" in o: flag+=" XSS<<<"
    body=o.split(b"\r\n\r\n",1)[1][:70] if b"\r\n\r\n" in o else b""
    print(f"{name:24}{l.decode(errors='replace'):40}{loc!r:60}{body!r}{flag}")
