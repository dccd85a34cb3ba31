"""Fills a store as time would: clients, and opaque tokens in the order of their making. Or lets all tokens expire."""

import json
import os
import sqlite3
import sys
import time

store = sqlite3.connect(sys.argv[1])
store.execute("PRAGMA synchronous = OFF")
store.execute("PRAGMA cache_size = -200000")
if sys.argv[2] == "expire":
    store.execute("UPDATE access_tokens SET expires_at = 1")
    store.commit()
    sys.exit()
clients, tokens = int(sys.argv[2]), int(sys.argv[3])
numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
(client,) = store.execute("SELECT record FROM clients WHERE id = 'bench'").fetchone()
store.execute(
    f"{numbers} INSERT INTO clients (id, record) SELECT printf('client-%08d', i), json_set(?, '$.id', printf('client-%08d', i)) FROM n",
    (clients, client),
)
(token,) = store.execute("SELECT record FROM access_tokens LIMIT 1").fetchone()
record = json.loads(token)
# Six bytes of time, as the store's keys begin, and chance behind them; all before now, as in a store that has grown.
store.create_function("token_hash", 1, lambda millis: millis.to_bytes(6, "big") + os.urandom(26))
later = int(time.time()) + 365 * 24 * 60 * 60
record["expires_at"] = later
begin = int(time.time() * 1000) - tokens
store.execute(
    f"{numbers} INSERT INTO access_tokens (hash, grant_id, client_id, record, expires_at) "
    "SELECT token_hash(? + i), NULL, printf('client-%08d', i % ? + 1), ?, ? FROM n",
    (tokens, begin, clients, json.dumps(record), later),
)
store.commit()
