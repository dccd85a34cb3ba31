import socket,time,select,sys,threading
PORT=int(sys.argv[1])
H=b"Host: 127.0.0.1:%d\r\n"%PORT
def c(data=b"",rcv=None):
    s=socket.socket()
    if rcv: s.setsockopt(socket.SOL_SOCKET,socket.SO_RCVBUF,rcv)
    s.connect(("127.0.0.1",PORT)); 
    if data: s.sendall(data)
    return s
h2=b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
conns={
 "nothing sent":c(),
 "one byte G":c(b"G"),
 "h2 preface half":c(b"PRI * HTTP/2.0\r\n"),
 "h2 idle":c(h2),
 "h1 half head":c(b"GET /jwks HTTP/1.1\r\n"+H),
 "h1 keepalive idle":c(b"GET /jwks HTTP/1.1\r\n"+H+b"\r\n"),
 "h1 slow body":c(b"POST /token HTTP/1.1\r\n"+H+b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\na"),
}
# pipelining, never reading
p=c(rcv=4096); p.setblocking(False)
sent=0; one=b"GET /login HTTP/1.1\r\n"+H+b"\r\n"
t=time.time()
while time.time()-t<8:
    try: sent+=p.send(one*500)
    except BlockingIOError: time.sleep(.05)
    except OSError as e: print("pipeline",e); break
print("pipelined",sent//len(one),"requests, reading none")
t0=time.time(); closed={}
while time.time()-t0<75:
    for n,s in conns.items():
        if n in closed: continue
        r,_,_=select.select([s],[],[],0)
        if r:
            try: d=s.recv(65536)
            except OSError: d=b""
            if not d: closed[n]=round(time.time()-t0,1)
    time.sleep(.5)
for n in conns: print(f"{n:22}", "closed after %s s"%closed[n] if n in closed else "STILL OPEN after 75 s")
import subprocess
local=p.getsockname()[1]
# is the server's side of the pipelined connection still there?
for l in open("/proc/net/tcp"):
    f=l.split()
    if len(f)>3 and f[1].endswith(":%04X"%PORT) and f[2].endswith(":%04X"%local): print("pipeline conn on server: state",f[3],"(01=ESTABLISHED) tx_queue:rx_queue",f[4])
