-- One token request: client_credentials with client_secret_basic.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = "Basic " .. os.getenv("BENCH_BASIC")
wrk.headers["Host"] = os.getenv("BENCH_HOST")
wrk.body = os.getenv("BENCH_BODY")
