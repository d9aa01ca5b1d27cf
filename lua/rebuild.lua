--- rebuild: writes tasks, features and orders that a journal knows into a Redis that lost them, one bounded batch.
--- Guarantees: only while the loss is undecided, and so while nothing is assigned. The first batch names the rebuild, every other one is
--- refused once another has begun. Rows are absolute: a rebuild that was killed is begun again and ends the same. A task that is there
--- already is taken out of its place and off its holder first. Nobody holds a written task afterwards, and no token of before is ever current;
--- save for a row placed `leased`: it is written only while its token is the current one, and changes nothing of the lease. Another Redis with
--- tasks of its own is refused.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 rebuild  its id
---   4 isFirst  1 for its first batch
---   5 nonces   of the data that the journal has followed, with commas
---   6 rows...  each a JSON text: a task {id, place, createdAt, fields, waitsFor}, a feature {feature, fields}, or orders {control, numbers}
---
--- Replies: 'ok' id... of rows that are no task here (a key of another type) | 'over' (nothing is undecided) | 'other' | 'taken'
---
--- uses: dependents, features, leave, once, queues, tasks

local op = ARGV[2]
local rebuild = ARGV[3]
local isFirst = ARGV[4]
local nonces = ARGV[5]
local rows = fieldsFrom(6)

local answered = once.answered(op)
if answered then
	return answered
end
if (redis.call('HGET', key('control'), 'recovery') or '') == '' then
	return {'over'}
end
local here = redis.call('HMGET', key('meta'), 'nonce', 'rebuild')
if isFirst == '1' then
	local isKnown = not here[1] or here[2] or string.find(',' .. nonces .. ',', ',' .. here[1] .. ',', 1, true)
	if not isKnown and redis.call('EXISTS', key('tasks:live'), key('tasks:done'), key('tasks:failed')) > 0 then
		return {'other'}
	end
	redis.call('HSET', key('meta'), 'rebuild', rebuild)
elseif here[2] ~= rebuild then
	return {'taken'}
end

local INDEXES = {'tasks:live', 'tasks:done', 'tasks:failed', 'tasks:delayed', 'tasks:asking', 'leases'}
local TEXT = 'rebuilt from the journal'

--- Fields of a JSON object as a flat list. Empty ones only where they replace something.
local function flat(fields, before)
	local list = {}
	for name, value in pairs(fields) do
		if value ~= '' or before[name] then
			put(list, name, value)
		end
	end
	for name in pairs(before) do
		if fields[name] == nil then
			put(list, name, '')
		end
	end
	return list
end

--- The task as it is here, out of its place; what was stored of it by name.
local function takeOut(id, event)
	local stored = {}
	local values = redis.call('HGETALL', taskKey(id))
	for index = 1, #values, 2 do
		stored[values[index]] = values[index + 1]
	end
	local before = tasks.read(id)
	if before then
		leave.task(before, event)
	end
	for _, index in ipairs(INDEXES) do
		redis.call('ZREM', key(index), id)
	end
	return before, stored
end

local function rebuildTask(row)
	local id = row.id
	local event = {}
	local before, stored = takeOut(id, event)
	local fields = flat(row.fields, stored)
	local task = setmetatable(row.fields, BLANK)
	task.id = id
	task.was = before and before.was or ''
	local isMerged = row.place == 'merged' and before and not tasks.FINISHED[before.was]
	if tasks.FINISHED[row.place] then
		redis.call('ZADD', key(row.place == 'failed' and 'tasks:failed' or 'tasks:done'), tonumber(task.doneAt) or now, id)
		put(fields, 'state', row.place)
	else
		redis.call('ZADD', key('tasks:live'), row.createdAt, id)
		if row.place == 'ready' then
			queues.settle(task, 0, fields)
		else
			if task.decision ~= '' then
				redis.call('ZADD', key('tasks:asking'), now, id)
			end
			for _, name in ipairs(row.waitsFor) do
				redis.call('SADD', key('tasks:after:' .. name), id)
			end
			put(fields, 'waits', digits(#row.waitsFor))
			put(fields, 'state', 'blocked')
		end
	end
	if task.feature ~= '' then
		softly('ZADD', key('features:tasks:' .. task.feature), row.createdAt, id)
	end
	if isMerged then
		features.countEnd(before, 'merged', event)
	end
	emit('task_rebuilt', id, before and before.owner or '', TEXT, tasks.write(task, fields, event), 'task:' .. id .. ':' .. row.place)
	if isMerged then
		dependents.free(id, 100)
		features.tellEnd(before)
	end
end

--- What the holder of a lease has told since.
local function tellAgain(row)
	local before = tasks.read(row.id)
	if not before or before.state ~= 'leased' or before.token ~= row.fields.token then
		return
	end
	local fields = {}
	for name, value in pairs(row.fields) do
		if name ~= 'leaseUntil' and before[name] ~= value then
			put(fields, name, value)
		end
	end
	emit('task_progressed', row.id, before.owner, TEXT, tasks.write(before, fields, {}), 'task:' .. row.id .. ':progressed')
end

local function rebuildFeature(row)
	local fields = {}
	for name, value in pairs(row.fields) do
		put(fields, name, value)
	end
	redis.call('HSET', key('features:' .. row.feature), unpack(fields))
	redis.call('ZADD', key('features'), tonumber(row.fields.createdAt) or now, row.feature)
	put(fields, 'id', row.feature)
	emit('feature_rebuilt', '', '', '', tell({}, 'f', fields), 'feature:' .. row.feature .. ':rebuilt')
end

local function rebuildOrders(row)
	local fields = {}
	for name, value in pairs(row.control) do
		put(fields, name, value)
	end
	if #fields > 0 then
		redis.call('HSET', key('control'), unpack(fields))
		emit('control_changed', '', '', TEXT, tell({}, 'c', fields), 'control:rebuilt:1')
	end
	--- Numbers only grow: no id and no token is issued twice.
	for name, least in pairs(row.numbers) do
		if (tonumber(redis.call('GET', key(name)) or '0') or 0) < tonumber(least) then
			redis.call('SET', key(name), digits(tonumber(least)))
		end
	end
end

local skipped = {}
for _, text in ipairs(rows) do
	local row = cjson.decode(text)
	if row.control then
		rebuildOrders(row)
	elseif row.feature then
		rebuildFeature(row)
	else
		local kind = redis.call('TYPE', taskKey(row.id)).ok
		if row.place == 'leased' then
			tellAgain(row)
		elseif kind == 'hash' or kind == 'none' then
			rebuildTask(row)
		else
			skipped[#skipped + 1] = row.id
		end
	end
end
return once.remember('ok', unpack(skipped))
