--- read-mail: an agent has read its mail up to this id.
--- Guarantees: only under the current token of its task; the mark never moves back.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 agent
---   4 token
---   5 upTo      id of the last mail it read
---
--- Replies: 'ok' | 'stale'
---
--- flags: allow-oom
--- uses: locks, once, stream-ids

local op = ARGV[2]
local agent = ARGV[3]
local token = ARGV[4]
local upTo = ARGV[5]

local answered = once.answered(op)
if answered then
	return answered
end

if not locks.isCurrent(agent, token) then
	return {'stale'}
end
if streamIds.isAfter(upTo, redis.call('HGET', agentKey(agent), 'mailRead') or '') then
	redis.call('HSET', agentKey(agent), 'mailRead', upTo)
	emit('mail_read', '', agent, '', {a = {'mailRead', upTo}}, 'agent:' .. agent .. ':mail')
end
return once.remember('ok')
