import http.client,re,urllib.parse as u,threading,time
H="127.0.0.1:24511"
def login(name,pw,ip):
    c=http.client.HTTPConnection("127.0.0.1",24511,timeout=60)
    c.request("GET","/login",None,{"Host":H,"X-Forwarded-For":ip}); r=c.getresponse(); b=r.read().decode(); ck=r.getheader("set-cookie").split(";")[0]
    csrf=re.search('name="csrf" value="([^"]*)"',b).group(1)
    c.request("POST","/login",u.urlencode(dict(csrf=csrf,username=name,password=pw)),{"Host":H,"Cookie":ck,"X-Forwarded-For":ip,"Content-Type":"application/x-www-form-urlencoded"}); r=c.getresponse(); r.read(); return r.status
st={}
def w(k):
    for i in range(28):
        s=login(f"nobody{k}x{i}","guess","198.51.100.66"); st[s]=st.get(s,0)+1
t=time.time(); ts=[threading.Thread(target=w,args=(k,)) for k in range(4)]
[x.start() for x in ts];[x.join() for x in ts]
print(st,"%.0f s"%(time.time()-t)); print("ada, the right password, another address:",login("ada","correct horse battery","203.0.113.9"))
