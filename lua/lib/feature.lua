--- Features: how many of their tasks are open, and how the others ended. Needs lib/base and lib/after.

--- Fields of a feature, in Redis and in an event's list.
local function writeFeature(id, fields, event)
	redis.call('HSET', key('features:' .. id), unpack(fields))
	put(fields, 'id', id)
	prefixed(event, 'f:', fields)
end

--- Counts a new task of a feature; the first one makes the feature.
local function countNew(task, event)
	if task.feature == '' then
		return
	end
	local feature = key('features:' .. task.feature)
	local total = redis.call('HINCRBY', feature, 'total', 1)
	local fields = {'total', digits(total), 'open', digits(redis.call('HINCRBY', feature, 'open', 1)), 'endedAt', '0'}
	if total == 1 then
		redis.call('ZADD', key('features:index'), now, task.feature)
		put(fields, 'createdAt', digits(now))
	end
	writeFeature(task.feature, fields, event)
end

--- Counts a task of a feature that ended in `state`.
local function countEnd(task, state, event)
	if task.feature == '' then
		return
	end
	local feature = key('features:' .. task.feature)
	local open = redis.call('HINCRBY', feature, 'open', -1)
	local fields = {'open', digits(open), state, digits(redis.call('HINCRBY', feature, state, 1))}
	if open == 0 then
		put(fields, 'endedAt', digits(now))
	end
	writeFeature(task.feature, fields, event)
end

--- Says that the feature of a task has ended, if that task was its last open one; a feature whose tasks are all merged frees what waits for it.
local function endFeature(task)
	if task.feature == '' then
		return
	end
	local counts = redis.call('HMGET', key('features:' .. task.feature), 'open', 'dead', 'cancelled')
	if counts[1] ~= '0' then
		return
	end
	local isMerged = (counts[2] or '0') == '0' and (counts[3] or '0') == '0'
	local word = isMerged and 'merged' or 'ended'
	emit('feature_ended', '', '', task.feature .. (isMerged and ' is merged' or ' has ended, not all of it merged'), {}, 'feature:' .. task.feature .. ':' .. word)
	if isMerged then
		freeDependents(task.feature, 100)
	end
end
