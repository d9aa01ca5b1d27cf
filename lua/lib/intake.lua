--- The intake: entries that anybody puts into tasks:pending (LIST) and tasks:priority (ZSET). An entry is known by its mark: `l` or `z` for
--- its place, and the digest of its text. It stays there until its task is claimed, so that an external BRPOP or ZPOPMAX works too.
--- tasks:intake has mark -> text from the first sight on, tasks:intake:task mark -> task once accepted, tasks:intake:order the marks by
--- first sight: a seen entry is never lost. tasks:takers names agents that may have moved entries to a list of their own.
--- uses: external, leave, queues, tasks

--- How long a vanished entry's task without a lock is kept from our claims, ms.
local TAKEN_GRACE_MS = 10000
local LONGEST_ENTRY = 262144

local function forget(mark)
	redis.call('HDEL', key('tasks:intake'), mark)
	redis.call('HDEL', key('tasks:intake:task'), mark)
	redis.call('ZREM', key('tasks:intake:order'), mark)
end

--- Removes all copies of an entry.
local function drop(mark, entry)
	if string.sub(mark, 1, 1) == 'z' then
		softly('ZREM', key('tasks:priority'), entry)
	else
		softly('LREM', key('tasks:pending'), 0, entry)
		queues.removeTaken(entry)
	end
	forget(mark)
end

--- Moves an entry that makes no task aside: tasks:refused keeps the newest hundred.
local function refuse(mark, entry, reason)
	drop(mark, entry)
	redis.call('LPUSH', key('tasks:refused'), string.sub(entry, 1, 1000))
	redis.call('LTRIM', key('tasks:refused'), 0, 99)
	emit('entry_refused', '', '', external.lineOf(entry, 80) .. ': ' .. reason, {}, 'entry:' .. string.sub(mark, 2, 9) .. ':refused')
end

--- Notes an entry that left the intake before anyone saw it. Returns whether it was noted.
local function noteTaken(source, entry)
	local isThere
	if source == 'z' then
		isThere = softly('ZSCORE', key('tasks:priority'), entry)
	else
		isThere = softly('LPOS', key('tasks:pending'), entry)
	end
	local mark = source .. redis.sha1hex(entry)
	if isThere or #entry > LONGEST_ENTRY or redis.call('HSETNX', key('tasks:intake'), mark, entry) == 0 then
		return false
	end
	redis.call('ZADD', key('tasks:intake:order'), exactly(), mark)
	return true
end

--- The entry's score changed, or the same text was pushed with one: applies it to a task that nobody has.
local function prioritise(id, priority)
	local task = tasks.read(id)
	local before = task and tonumber(task.priority) or 0
	if not task or task.state ~= 'ready' or before == priority then
		return
	end
	local score = string.format('%.3f', tonumber(task.score) + (before - priority) * 60000)
	redis.call('ZADD', queues.of(task), 'XX', score, id)
	local fields = {'priority', digits(priority), 'score', score}
	emit('task_progressed', id, '', 'priority ' .. digits(priority), tasks.write(task, fields, {}), 'task:' .. id .. ':ready')
end

--- A score as a priority.
local function priorityOf(score)
	return math.floor(math.min(100, math.max(0, tonumber(score) or 50)) + 0.5)
end

--- Reads at most 300 entries of each kind per call: both ends, and a window that moves through the rest. Returns rows of those not accepted
--- yet (mark, score or '', text), the marks seen, and whether more can be read at once.
local function lookAtEntries()
	local fresh = {}
	local seen = {}
	local isMore = false
	local freshCount = 0
	--- More were new than one call returns: the window must not move on.
	local wasCut = false

	local function look(source, entries, scores)
		local marks = {}
		for index, entry in ipairs(entries) do
			marks[index] = source .. redis.sha1hex(entry)
		end
		if #marks == 0 then
			return 0
		end
		local known = redis.call('HMGET', key('tasks:intake:task'), unpack(marks))
		local found = 0
		for index, mark in ipairs(marks) do
			if not known[index] and not seen[mark] and freshCount == 100 then
				wasCut = true
			elseif not known[index] and not seen[mark] then
				found = found + 1
				if #entries[index] > LONGEST_ENTRY then
					refuse(mark, entries[index], 'longer than 256 KiB')
				else
					if redis.call('HSETNX', key('tasks:intake'), mark, entries[index]) == 1 then
						redis.call('ZADD', key('tasks:intake:order'), tonumber(exactly()) + freshCount / 1000, mark)
					end
					freshCount = freshCount + 1
					for _, value in ipairs({mark, scores[index] or '', entries[index]}) do
						fresh[#fresh + 1] = value
					end
				end
			end
			seen[mark] = true
			if known[index] and scores[index] then
				prioritise(known[index], priorityOf(scores[index]))
			end
		end
		return found
	end

	--- Reads a window of a hundred after the first hundred; the next sweep takes the next one.
	local function walk(name, length, read)
		if length <= 200 then
			return
		end
		local from = tonumber(redis.call('HGET', key('tasks:intake:at'), name) or '') or 100
		if from >= length - 100 then
			from = 100
		end
		isMore = read(from) > 0 or isMore
		if not wasCut then
			redis.call('HSET', key('tasks:intake:at'), name, digits(from + 100))
		end
	end

	local pending = 0
	if redis.call('TYPE', key('tasks:pending')).ok == 'list' then
		pending = redis.call('LLEN', key('tasks:pending'))
		--- The oldest are at the end of the list, where BRPOP takes.
		local function back(from)
			local read = redis.call('LRANGE', key('tasks:pending'), -from - 100, -from - 1)
			local turned = {}
			for index = #read, 1, -1 do
				turned[#turned + 1] = read[index]
			end
			return look('l', turned, {})
		end
		back(0)
		walk('l', pending, back)
		if pending > 100 then
			look('l', redis.call('LRANGE', key('tasks:pending'), 0, 99), {})
		end
	end
	if redis.call('TYPE', key('tasks:priority')).ok == 'zset' then
		local function best(from)
			local read = redis.call('ZREVRANGE', key('tasks:priority'), from, from + 99, 'WITHSCORES')
			local entries, scores = {}, {}
			for index = 1, #read, 2 do
				entries[#entries + 1] = read[index]
				scores[#scores + 1] = read[index + 1]
			end
			return look('z', entries, scores)
		end
		best(0)
		walk('z', redis.call('ZCARD', key('tasks:priority')) + 100, best)
	end
	return fresh, seen, isMore or wasCut, pending
end

--- Keeps a task from our claims for a while, because its entry was taken externally.
local function holdBack(task, fields)
	put(fields, 'waitReason', 'was taken by an external worker: waits for its lock')
	queues.settle(task, TAKEN_GRACE_MS, fields)
	redis.call('ZADD', key('tasks:taken'), now, task.id)
end

--- An entry vanished without our claim: an external worker took it. Its owner is the holder of the task's lock; without one, the task is
--- held back for a while and then ready again, so that it is not lost.
local function takenExternally(mark, id)
	forget(mark)
	local task = tasks.read(id)
	if not task or task.state ~= 'ready' or task.stage ~= 'develop' then
		return
	end
	local holder = external.lockOf(id)
	leave.task(task, {})
	if holder then
		external.lease(task, holder)
		return
	end
	local fields = {}
	holdBack(task, fields)
	emit('task_wait_reason', id, '', valueIn(fields, 'waitReason'), tasks.write(task, fields, {}), 'task:' .. id .. ':delayed')
end

--- Reads lists of this agent that an external worker may have moved entries to.
local function noteTaker(agent)
	if external.isSafeId(agent) and redis.call('SCARD', key('tasks:takers')) < external.MOST then
		redis.call('SADD', key('tasks:takers'), agent)
	end
end

--- The task of an entry that left the intake before its taker was known.
local function heldBackOf(mark)
	for _, id in ipairs(redis.call('ZRANGE', key('tasks:taken'), 0, 99)) do
		local task = tasks.read(id)
		if task and task.origin == mark then
			return task
		end
	end
	return nil
end

--- Looks at one entry in the list of an external worker. Returns whether it is no task yet.
local function lookAtHeldEntry(agent, entry, mark, isInIntake)
	local id = redis.call('HGET', key('tasks:intake:task'), mark)
	local task = id and tasks.read(id) or heldBackOf(mark)
	if not id and not task then
		return true
	end
	if task and task.state == 'leased' and tasks.isExternal(task.token) and task.owner == external.nameIn(agent) then
		return false
	end
	local isFree = task and (task.state == 'ready' or (task.state == 'delayed' and redis.call('ZSCORE', key('tasks:taken'), task.id)))
	if not isFree or task.stage ~= 'develop' or task.assigned ~= '' then
		softly('LREM', key('tasks:taken:' .. agent), 0, entry)
		if not isInIntake then
			forget(mark)
		end
		return false
	end
	--- Known until the lease ends: in the same step the entry leaves the list.
	forget(mark)
	leave.task(task, {})
	external.lease(task, external.lockOf(task.id) or agent)
	redis.call('HSET', key('tasks:intake'), mark, entry)
	redis.call('HSET', key('tasks:intake:task'), mark, task.id)
	redis.call('ZADD', key('tasks:intake:order'), exactly(), mark)
	return false
end

--- Entries that external workers moved to tasks:taken:<agent> (BLMOVE): leased to that agent, without a lock too. An entry leaves that list
--- in the step that ends the lease: it comes back once. One that is no task yet joins `fresh`.
local function lookAtHeld(seen, fresh)
	for _, agent in ipairs(redis.call('SMEMBERS', key('tasks:takers'))) do
		local entries = softly('LRANGE', key('tasks:taken:' .. agent), 0, 99) or {}
		if #entries == 0 then
			redis.call('SREM', key('tasks:takers'), agent)
		end
		for _, entry in ipairs(entries) do
			local mark = 'l' .. redis.sha1hex(entry)
			local wasSeen = seen[mark]
			seen[mark] = true
			if #entry > LONGEST_ENTRY then
				refuse(mark, entry, 'longer than 256 KiB')
			elseif lookAtHeldEntry(agent, entry, mark, wasSeen) and not wasSeen and #fresh < 300 then
				if redis.call('HSETNX', key('tasks:intake'), mark, entry) == 1 then
					redis.call('ZADD', key('tasks:intake:order'), exactly(), mark)
				end
				for _, value in ipairs({mark, '', entry}) do
					fresh[#fresh + 1] = value
				end
			end
		end
	end
end

--- Finds known entries that left the intake: the oldest and newest hundred, and fifty others per call. `seen` and `pending` are of this
--- call. A vanished one that was never accepted joins `fresh`: its task is created all the same.
local function findTaken(seen, pending, fresh)
	local order = key('tasks:intake:order')
	local length = redis.call('ZCARD', order)
	if length == 0 then
		return
	end
	local marks = redis.call('ZRANGE', order, 0, 99)
	local function further(list)
		for _, mark in ipairs(list) do
			marks[#marks + 1] = mark
		end
	end
	if length > 100 then
		further(redis.call('ZREVRANGE', order, 0, math.min(99, length - 101)))
	end
	if length > 200 then
		local from = tonumber(redis.call('HGET', key('tasks:intake:at'), 'order') or '') or 100
		from = from >= length - 100 and 100 or from
		redis.call('HSET', key('tasks:intake:at'), 'order', digits(from + 50))
		further(redis.call('ZRANGE', order, from, math.min(from + 49, length - 101)))
	end
	local ids = redis.call('HMGET', key('tasks:intake:task'), unpack(marks))
	--- Searching a long list is slow; the next call continues.
	local searches = 20
	for index, mark in ipairs(marks) do
		local isGone = not seen[mark]
		if isGone and string.sub(mark, 1, 1) == 'z' then
			isGone = not softly('ZSCORE', key('tasks:priority'), redis.call('HGET', key('tasks:intake'), mark) or '')
		elseif isGone and pending > 200 then
			isGone = searches > 0 and not softly('LPOS', key('tasks:pending'), redis.call('HGET', key('tasks:intake'), mark) or '')
			searches = searches - 1
		end
		if isGone and ids[index] then
			takenExternally(mark, ids[index])
		elseif isGone and #fresh < 300 then
			for _, value in ipairs({mark, '', redis.call('HGET', key('tasks:intake'), mark) or ''}) do
				fresh[#fresh + 1] = value
			end
		end
	end
end

--- External workers by what they name as their task in agents:registry; those without a sign of life that had one are passed over.
local function takersByWord()
	local byWord = {}
	for _, agent in ipairs(redis.call('ZRANGE', key('agents:external'), 0, 99)) do
		local word = external.taskIn(external.saidIn(softly('HGET', key('agents:registry'), agent)))
		if word ~= '' and redis.call('HGET', agentKey(agent), 'status') ~= 'unreachable' then
			byWord[word] = agent
			byWord[redis.sha1hex(word)] = agent
		end
	end
	return byWord
end

--- Tasks whose entries were taken externally: leased to a holder of their lock, or to an agent that names them in the registry. Due ones
--- become ready like delayed tasks.
local function lookAtTaken()
	local ids = redis.call('ZRANGE', key('tasks:taken'), 0, 99)
	local byWord = #ids > 0 and takersByWord() or {}
	for _, id in ipairs(ids) do
		local task = tasks.read(id)
		local isDelayed = task and task.state == 'delayed'
		local holder = isDelayed and (external.lockOf(id) or byWord[id] or byWord[string.sub(task.origin, 2)])
		if holder then
			leave.task(task, {})
			external.lease(task, holder)
		end
		if holder or not task or task.state ~= 'delayed' then
			redis.call('ZREM', key('tasks:taken'), id)
		end
	end
end

return {
	forget = forget, drop = drop, refuse = refuse, noteTaken = noteTaken, prioritise = prioritise, lookAtEntries = lookAtEntries, holdBack = holdBack,
	noteTaker = noteTaker, lookAtHeld = lookAtHeld, findTaken = findTaken, lookAtTaken = lookAtTaken,
}
