--- sweep: what time and external workers made due: delayed tasks become ready, expired locks leave the index and go to waiters, remaining
--- dependents are unblocked, rate limits end; a clock that was set back delays nothing; intake entries, external agents and leases, and
--- progress written by hand are found.
--- Guarantees: idempotent by nature (no op-id); at most 100 of each a call. Only the leader's does anything; for all others it is a look at leases and rooms, so
--- that whoever leads next knows at once which of them stand still. Expired leases and silent rooms are named, not judged: the
--- observer decides, who sees whether the heartbeats still move. Nothing that an outsider wrote can make it fail.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 token  of the leader, '-' for whoever is none, '' where it is no room that sweeps
---   3 takers...  external workers that wrote to a list tasks:taken:<agent>
---
--- Replies: now {task, agent, token, leaseUntil, room, agentBeat, roomBeat of every expired lease, ...} {room, beat, leaseMs, ...} {mark,
--- score or '', text of every entry to accept or reject, ...} 1 if more entries wait {agent, stamp, ttl of every external worker, ...}
--- {task, agent, token, expiry, ttl, status, branch of every external lease, ...}
---
--- flags: allow-oom
--- uses: clock, dependents, externals, handing, intake, leader, lock-value, locks, queues, rate-limit-ends, tasks

local token = ARGV[2]
local takers = fieldsFrom(3)

needsRecord()
local fresh, externalRows, externalLeases, isMore = {}, {}, {}, false

local function sweep()
	clock.look()
	intake.lookAtTaken()
	for _, id in ipairs(redis.call('ZRANGEBYSCORE', key('tasks:delayed'), '-inf', now, 'LIMIT', 0, 100)) do
		local task = tasks.read(id)
		redis.call('ZREM', key('tasks:delayed'), id)
		if not task then
			tasks.forget(id)
		elseif task.state == 'delayed' then
			local fields = task.waitReason ~= '' and {'waitReason', ''} or {}
			queues.settle(task, 0, fields)
			emit('task_ready', id, '', 'retry delay has ended', tasks.write(task, fields, {}), 'task:' .. id .. ':ready')
			handing.give(task)
		end
	end
	for _, name in ipairs(redis.call('ZRANGEBYSCORE', key('locks:index'), '-inf', now, 'LIMIT', 0, 100)) do
		local holder = lockValue.of(name)
		local shown = redis.call('HGET', key('locks:owner'), name) or ''
		if not holder then
			locks.drop(name, shown, 'lock_released')
		elseif lockValue.ownerIn(holder) ~= shown or lockValue.untilOf(name) > now then
			local fence = lockValue.ownerIn(holder) == shown and redis.call('HGET', key('locks:fence'), name) or ''
			locks.show(name, lockValue.ownerIn(holder), lockValue.untilOf(name), fence)
		end
	end
	if redis.call('EXISTS', key('locks:waiters')) == 1 then
		locks.grant(nil)
	end
	for _, id in ipairs(redis.call('SRANDMEMBER', key('tasks:freeing'), 1)) do
		dependents.free(id, 100)
	end

	local seen, pending
	fresh, seen, isMore, pending = intake.lookAtEntries()
	for _, agent in ipairs(takers) do
		intake.noteTaker(agent)
	end
	intake.lookAtHeld(seen, fresh)
	intake.findTaken(seen, pending, fresh)
	externals.lookAtRegistry()
	externalRows = externals.lookAtAll()
	externalLeases = externals.lookAtLeases()
	rateLimitEnds.liftDue()
	handing.serve()
end

local isLeading = token == '' or leader.isIt(token)
if isLeading then
	sweep()
end

--- A heartbeat's sequence; 0 for none, 1 if it is an external word.
local function beatOf(name)
	local value = softly('GET', key('heartbeat:' .. name))
	return value and (string.match(value, '^%d+$') or '1') or '0'
end

local expired = {}
local leases = redis.call('ZRANGE', key('leases'), 0, 99, 'WITHSCORES')
for index = 1, #leases, 2 do
	local id = leases[index]
	local held = softly('HMGET', taskKey(id), 'owner', 'token', 'leaseUntil', 'progress', 'progressTold', 'state') or {}
	local owner = held[1] or ''
	local token = held[2] or ''
	if isLeading and held[6] then
		externals.tellProgress(id, owner, held[4], held[5])
	elseif isLeading then
		tasks.forget(id)
	end
	if held[6] and tonumber(leases[index + 1]) <= now and not tasks.isExternal(token) then
		--- A member of a finished merge group, forgotten by its holder: no heartbeat keeps it alive.
		local member = redis.call('HMGET', agentKey(owner), 'room', 'token')
		local isHeld = member[2] == token
		local room = isHeld and member[1] or ''
		local agentBeat = isHeld and beatOf(owner) or '0'
		local roomBeat = isHeld and beatOf('room:' .. room) or '0'
		for _, value in ipairs({id, owner, token, held[3] or '0', room, agentBeat, roomBeat}) do
			expired[#expired + 1] = value
		end
	end
end

local rooms = {}
local index = redis.call('ZRANGE', key('rooms:index'), 0, 99, 'WITHSCORES')
for at = 1, #index, 2 do
	for _, value in ipairs({index[at], beatOf('room:' .. index[at]), index[at + 1]}) do
		rooms[#rooms + 1] = value
	end
end
return {nowText, expired, rooms, fresh, isMore and '1' or '0', externalRows, externalLeases}
