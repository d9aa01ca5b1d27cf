--- sweep: what time has brought about: due delayed tasks become ready, ended locks leave the index and go to who waits for them, dependents
--- left over are freed.
--- Guarantees: idempotent by nature (no op-id); at most 100 of each a call. Expired leases are named, not reclaimed: the observer decides,
--- who sees whether the heartbeats still move.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---
--- Replies: now {task, agent, token, leaseUntil, room, agentBeat, roomBeat of every expired lease, ...}

--- include: lib/base
--- include: lib/agent
--- include: lib/task
--- include: lib/after
--- include: lib/lock

for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('tasks:delayed'), '-inf', now, 'LIMIT', 0, 100)) do
	local task = readTask(id)
	redis.call('ZREM', key('tasks:delayed'), id)
	if task and task.state == 'delayed' then
		local fields = {}
		settle(task, 0, fields)
		emit('task_ready', id, '', 'delay is over', writeTask(id, fields, {}), 'task:' .. id .. ':ready')
	end
end
for _, name in ipairs(redis.call('ZRANGEBYSCORE', key('locks:index'), '-inf', now, 'LIMIT', 0, 100)) do
	local holder = redis.call('GET', key('locks:' .. name))
	local shown = redis.call('HGET', key('locks:owner'), name) or ''
	if not holder then
		dropLock(name, shown, name)
	elseif ownerIn(holder) ~= shown or untilOf(name) > now then
		local fence = ownerIn(holder) == shown and redis.call('HGET', key('locks:fence'), name) or ''
		showLock(name, ownerIn(holder), untilOf(name), fence)
	end
end
if redis.call('EXISTS', key('locks:waiters')) == 1 then
	grantWaiters(nil)
end
for _, id in ipairs(redis.call('SRANDMEMBER', key('tasks:freeing'), 1)) do
	freeDependents(id, 100)
end

--- A heartbeat's sequence; 0 where there is none, 1 where an outsider wrote a word.
local function beatOf(name)
	local value = redis.call('GET', key('heartbeat:' .. name))
	return value and (string.match(value, '^%d+$') or '1') or '0'
end

local expired = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('leases'), '-inf', now, 'LIMIT', 0, 100)) do
	local held = redis.call('HMGET', taskKey(id), 'owner', 'token', 'leaseUntil')
	local owner = held[1] or ''
	local room = redis.call('HGET', agentKey(owner), 'room') or ''
	for _, value in ipairs({id, owner, held[2] or '', held[3] or '0', room, beatOf(owner), beatOf('room:' .. room)}) do
		expired[#expired + 1] = value
	end
end
return {digits(now), expired}
