--- describe: fields of an agent change (status, doing, question, choices, questionId, reason, paused, pid).
--- Guarantees: hash, registry and record change together. Never task, stage, token or room: those go with leases.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 agent
---   4 text
---   5 fields... name and value in turn
---
--- Replies: 'ok' | 'gone'

--- include: lib/base
local op = ARGV[2]
local agent = ARGV[3]
local text = ARGV[4]
local fields = fieldsFrom(5)
--- include: lib/once
--- include: lib/agent

local before = redis.call('HMGET', agentKey(agent), 'role', 'status', 'task')
if not before[1] then
	return {'gone'}
end
local status = valueIn(fields, 'status')
if status and status ~= before[2] then
	put(fields, 'statusAt', digits(now))
end
local event = {}
if #fields > 0 then
	writeAgent(agent, fields, event)
end
emit('agent_described', before[3] or '', agent, text, event, 'agent:' .. agent .. ':' .. (status or before[2] or ''))
return remember('ok')
