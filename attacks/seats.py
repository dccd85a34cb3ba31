import socket,time,resource
resource.setrlimit(resource.RLIMIT_NOFILE,(20000,20000))
P=24511
def ask(t):
    s=socket.socket(); s.settimeout(t)
    t0=time.time()
    try:
        s.connect(("127.0.0.1",P)); s.sendall(b"GET /jwks HTTP/1.1\r\nHost: 127.0.0.1:24511\r\nConnection: close\r\n\r\n")
        d=s.recv(100); return d.split(b"\r\n")[0], round(time.time()-t0,2)
    except OSError as e: return repr(e), round(time.time()-t0,2)
print("before",ask(5))
idle=[]
for i in range(4200):
    try: s=socket.socket(); s.settimeout(2); s.connect(("127.0.0.1",P)); idle.append(s)
    except OSError as e: print(i,e); break
print("idle connections",len(idle), "bytes sent: 0")
time.sleep(40)
print("after 40 s",ask(20))
for s in idle: s.close()
time.sleep(1); print("after they left",ask(5))
