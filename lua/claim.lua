--- claim: assigns an agent the best ready task that fits its role and capabilities; without one, the agent may wait.
--- Guarantees: as lib/lease. Considers at most 32 candidates. The script that makes a task ready assigns it to a waiting agent, reported by
--- `task_claimed` and the next heartbeat.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 agent
---   4 room
---   5 leaseMs
---   6 nonce
---   7 stages    with commas; others stay queued
---   8 waits     1: wait if there is none now
---   9 wanted    the only task it takes, '' for the best; it does not wait for another
---
--- Replies: 'ok' id token leaseUntil and two JSON texts: the task's status {field: value}, its long texts [field, value, ...] | 'none' |
--- 'paused' | 'drained' | 'frozen' | 'throttled' (its account is rate-limited) | 'over-budget' | 'busy' | 'unregistered'
---
--- uses: agents, lease, once, rate-limits, waiting

local op = ARGV[2]
local agent = ARGV[3]
local room = ARGV[4]
local leaseMs = tonumber(ARGV[5])
local nonce = ARGV[6]
local stages = ARGV[7]
local waits = ARGV[8]
local wanted = ARGV[9]

local answered = once.answered(op)
if answered then
	return answered
end

local member = agents.read(agent)
if not member or member.room ~= room then
	return {'unregistered'}
end
if member.paused == '1' then
	return {'paused'}
end
if member.token ~= '' then
	return {'busy'}
end
local call = {leaseMs = leaseMs, nonce = nonce, stages = stages}
local word = rateLimits.teamOrders().word
if word == '' and rateLimits.isThrottled(member) then
	word = 'throttled'
end
local token = nil
local leaseUntil, task
if word == '' then
	if wanted == '' then
		token, leaseUntil, task = lease.take(member, call)
	else
		token, leaseUntil, task = lease.takeNamed(member, call, wanted)
	end
end
if not token then
	if waits == '1' and wanted == '' then
		waiting.join(member, call)
	end
	return {word ~= '' and word or leaseUntil}
end
waiting.leave(agent, member.role)
once.remember('ok', task.id, token, leaseUntil)
return {'ok', task.id, token, leaseUntil, cjson.encode(task.stored), cjson.encode(redis.call('HGETALL', key('tasks:text:' .. task.id)))}
