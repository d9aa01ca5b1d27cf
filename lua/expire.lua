--- expire: a room or an external agent has no heartbeat.
--- Guarantees: only if its heartbeat is still the last observed one. Agents of such a room become unreachable and get no more tasks, a
--- hundred per call; their leases are reclaimed one by one, each after its own deadline. A returning room finds itself unchanged.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 name      a room or an agent
---   4 beat      the last observed heartbeat, 0 if it was gone
---
--- Replies: 'ok' | 'more' (call again) | 'alive' | 'gone'
---
--- flags: allow-oom
--- uses: agents, once, rooms, waiting

local op = ARGV[2]
local name = ARGV[3]
local beat = ARGV[4]

local answered = once.answered(op)
if answered then
	return answered
end

local function lost(agent, reason)
	local member = agents.read(agent)
	if not member or member.status == 'unreachable' or member.status == 'stopped' then
		return
	end
	local event = {}
	waiting.leave(agent, member.role)
	agents.write(member, {'status', 'unreachable', 'reason', reason, 'statusAt', nowText}, event)
	emit('agent_updated', member.task, agent, reason, event, 'agent:' .. agent .. ':lost')
end

if redis.call('ZSCORE', key('rooms:index'), name) then
	local current = softly('GET', key('heartbeat:room:' .. name))
	if current and current ~= beat then
		return {'alive'}
	end
	local members = key('rooms:agents:' .. name)
	for _, agent in ipairs(redis.call('SPOP', members, 100)) do
		if redis.call('HGET', agentKey(agent), 'room') == name then
			lost(agent, 'its room is gone')
		end
	end
	if redis.call('EXISTS', members) == 1 then
		return once.remember('more')
	end
	redis.call('ZREM', key('rooms:index'), name)
	rooms.ends(name, 'gone', 'is gone: no heartbeat for a whole lease')
	return once.remember('ok')
end
if redis.call('HGET', agentKey(name), 'room') ~= '' then
	return {'gone'}
end
if redis.call('EXISTS', key('heartbeat:' .. name)) == 1 then
	return {'alive'}
end
lost(name, 'no heartbeat')
return once.remember('ok')
