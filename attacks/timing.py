import http.client,re,urllib.parse as u,time,statistics as st,random
H="127.0.0.1:24511"; c=http.client.HTTPConnection("127.0.0.1",24511,timeout=60)
c.request("GET","/login",None,{"Host":H}); r=c.getresponse(); b=r.read().decode(); ck=r.getheader("set-cookie").split(";")[0]
csrf=re.search('name="csrf" value="([^"]*)"',b).group(1)
def t(name,pw):
    t0=time.perf_counter(); c.request("POST","/login",u.urlencode(dict(csrf=csrf,username=name,password=pw)),{"Host":H,"Cookie":ck,"Content-Type":"application/x-www-form-urlencoded"}); r=c.getresponse(); b=r.read(); return time.perf_counter()-t0,r.status
K={"known":("ada","guess guess"),"unknown":("nobody","guess guess"),"known long pw":("ada","x"*2000),"bad name":("a b","guess guess")}
o={k:[] for k in K}
for i in range(15):
    for k in random.sample(list(K),4): o[k].append(t(*K[k])[0])
for k in o: print(k,"median %.1f ms min %.1f ms"%(st.median(o[k])*1e3,min(o[k])*1e3))
