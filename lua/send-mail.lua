--- send-mail: sends a message to an agent.
--- Guarantees: an agent as sender needs the current token of its task; without one the sender is a human, or the room; an unknown receiver
--- is refused. Keeps about the last 1000 per receiver.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 from      an agent, or room
---   4 token     '' for a human
---   5 to
---   6 text
---
--- Replies: 'ok' id | 'stale' | 'gone' (no such receiver)
---
--- uses: locks, mail, once

local op = ARGV[2]
local from = ARGV[3]
local token = ARGV[4]
local to = ARGV[5]
local text = ARGV[6]

local answered = once.answered(op)
if answered then
	return answered
end

if token ~= '' and not locks.isCurrent(from, token) then
	return {'stale'}
end
local task = token ~= '' and redis.call('HGET', agentKey(from), 'task') or ''
local id = mail.send((token ~= '' or from == 'room') and from or '', to, task, text)
if not id then
	return {'gone'}
end
return once.remember('ok', id)
