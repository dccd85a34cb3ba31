import http.client,re,urllib.parse as u,json,base64,threading,hashlib,sys
H="127.0.0.1:24511"; SECRET=sys.argv[1]
jar={}
def call(m,p,body=None,hdr={},port=24511,cookies=True):
    c=http.client.HTTPConnection("127.0.0.1",port,timeout=30)
    h={"Host":H,**hdr}
    if cookies and jar: h["Cookie"]="; ".join(f"{k}={v}" for k,v in jar.items())
    if body is not None: h.setdefault("Content-Type","application/x-www-form-urlencoded")
    c.request(m,p,body,h); r=c.getresponse(); b=r.read().decode()
    if cookies:
        for k,v in r.getheaders():
            if k.lower()=="set-cookie": n,x=v.split(";")[0].split("=",1); jar[n]=x
    return r.status,b,r.getheader("location") or ""
V="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"; C="E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"; CB="http://127.0.0.1:24599/cb"
def auth(**more): return "/authorize?"+u.urlencode(dict(response_type="code",client_id="app",redirect_uri=CB,scope="openid offline_access",code_challenge=C,code_challenge_method="S256",**more))
f=lambda b,n: re.search(f'name="{n}" value="([^"]*)"',b).group(1)
s,b,l=call("GET",auth()); s,b,l=call("GET",l)
s,b,l=call("POST","/login",u.urlencode(dict(csrf=f(b,"csrf"),interaction=f(b,"interaction"),username="ada",password="correct horse battery"))); print("login",s,l[:30])
s,b,l=call("GET",l); s,b,l=call("POST","/consent",u.urlencode(dict(csrf=f(b,"csrf"),interaction=f(b,"interaction"),decision="allow"))); print("consent",s,l[:40])
B={"Authorization":"Basic "+base64.b64encode(f"app:{SECRET}".encode()).decode()}
def tok(form,port): return call("POST","/token",u.urlencode(form),B,port,False)
def race(form):
    out=[]
    ts=[threading.Thread(target=lambda p=p: out.append(tok(form,p))) for p in [24511,24512]*4]
    [t.start() for t in ts];[t.join() for t in ts]
    return out
wins=[];rw=[];bad=[]
for i in range(20):
    s,b,l=call("GET",auth(prompt="none")); code=u.parse_qs(u.urlparse(l).query)["code"][0]
    o=race(dict(grant_type="authorization_code",code=code,redirect_uri=CB,code_verifier=V))
    wins.append(sum(x[0]==200 for x in o)); bad+=[x[0] for x in o if x[0] not in(200,400)]
    s,b,l=call("GET",auth(prompt="none")); code=u.parse_qs(u.urlparse(l).query)["code"][0]
    t=json.loads(tok(dict(grant_type="authorization_code",code=code,redirect_uri=CB,code_verifier=V),24512)[1])
    o=race(dict(grant_type="refresh_token",refresh_token=t["refresh_token"]))
    rw.append(sum(x[0]==200 for x in o)); bad+=[x[0] for x in o if x[0] not in(200,400)]
    win=[json.loads(x[1]) for x in o if x[0]==200]
    for w in win:
        r=call("POST","/introspect",u.urlencode(dict(token=w["access_token"])),B,24512,False)
        if '"active":true' in r[1]: bad.append("alive after reuse")
print("code wins",wins,"refresh wins",rw,"odd",bad)
