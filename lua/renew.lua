--- renew: renews a holder's lease.
--- Guarantees: idempotent by nature (no op-id). A token that was not superseded is renewed even past its deadline.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 task
---   3 token
---   4 leaseMs
---
--- Replies: 'ok' | 'stale' | 'gone'
---
--- flags: allow-oom
--- uses: renewal

local task = ARGV[2]
local token = ARGV[3]
local leaseMs = tonumber(ARGV[4])

return {renewal.renew(task, token, leaseMs)}
