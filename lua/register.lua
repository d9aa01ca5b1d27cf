--- register: an agent joins the team, or returns after its room restarted.
--- Guarantees: an id belongs to one living room. Rooms named `room:<id>:<life>` are lives of one room: the one that asks has joined
--- (`join-team`), so an earlier one is dead whatever its last heartbeat says. Every field begins anew except `paused`, a person's order that
--- outlives the room, what it has used up, and the task whose session it was cut off in. A lease that is still in its name stays with the task
--- until it is reclaimed.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 agent
---   4 role
---   5 capabilities with commas
---   6 room
---   7 harness
---   8 host      name of its machine
---   9 account  shares one rate limit, '' for none
---
--- Replies: 'ok' | 'taken'
---
--- uses: agents, once, rooms, waiting

local op = ARGV[2]
local agent = ARGV[3]
local role = ARGV[4]
local capabilities = ARGV[5]
local room = ARGV[6]
local harness = ARGV[7]
local host = ARGV[8]
local account = ARGV[9]

local answered = once.answered(op)
if answered then
	return answered
end

local before = redis.call('HMGET', agentKey(agent), 'room', 'paused', 'role')
if rooms.homeOf(before[1] or '') ~= rooms.homeOf(room) and redis.call('EXISTS', key('heartbeat:' .. agent)) == 1 then
	return {'taken'}
end
redis.call('ZADD', key('agents:index'), now, agent)
local paused = before[2] == '1' and '1' or '0'
local event = {}
waiting.leave(agent, before[3] or role)
agents.write({id = agent}, {
	'role', role, 'capabilities', capabilities, 'room', room, 'harness', harness, 'host', host, 'pid', '0',
	'status', paused == '1' and 'paused' or 'idle', 'task', '', 'stage', '', 'token', '', 'question', '', 'choices', '', 'questionId', '',
	'detail', '', 'evidence', '', 'account', account,
	'doing', '', 'reason', '', 'paused', paused, 'statusAt', nowText, 'beatAt', nowText,
}, event)
emit('agent_registered', '', agent, role, event, 'agent:' .. agent .. ':' .. valueIn(event.a, 'status'))
return once.remember('ok')
