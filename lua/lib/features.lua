--- Features: counts of their open and ended tasks.
--- Run when first used: most steps need none of it.
--- uses: dependents

--- A feature's counts: {open, failed, cancelled, total}; nil if there is no such feature.
local function countsOf(id)
	local counts = redis.call('HMGET', key('features:' .. id), 'open', 'failed', 'cancelled', 'total')
	return counts[1] and {open = counts[1], failed = counts[2] or '0', cancelled = counts[3] or '0', total = counts[4] or '0'} or nil
end

local function isMerged(counts)
	return counts.open == '0' and counts.failed == '0' and counts.cancelled == '0'
end

--- Fields of a feature, in Redis and in an event's list.
local function writeFeature(id, fields, event)
	redis.call('HSET', key('features:' .. id), unpack(fields))
	put(fields, 'id', id)
	tell(event, 'f', fields)
end

--- The name under which dependents of a task ({state, stage, feature, pullOf}) wait; nil if there is nothing to wait for. Depending on a plan means
--- its feature, except for a task of that feature (`own`), which depends on the plan alone.
local function nameOf(id, task, own, fresh)
	if task.stage == 'plan' and task.feature ~= '' and task.feature ~= own then
		local counts = countsOf(task.feature)
		local isOver = counts and isMerged(counts) and not (fresh and fresh[dependents.asFeature(task.feature)])
		return not isOver and dependents.asFeature(task.feature) or nil
	end
	--- Its work is on the branch that this task starts from.
	if own and own ~= '' and task.pullOf == 'feature' and task.feature == own then
		return nil
	end
	return task.state ~= 'merged' and task.state ~= 'planned' and id or nil
end

--- What a new task ({after, feature}) waits for, as names of dependents; nil and an id that is neither task nor feature, or is its own
--- feature. `fresh` has the tasks and features created in the same step by name, `gone` the ids that end in it.
local function waitsOf(task, fresh, gone)
	local names, isNamed = {}, {}
	for id in string.gmatch(task.after, '[^,]+') do
		local known = fresh[id]
		if not known then
			local read = softly('HMGET', taskKey(id), 'state', 'stage', 'feature', 'pullOf') or {}
			known = read[1] and {state = read[1], stage = read[2], feature = read[3] or '', pullOf = read[4]}
		end
		if gone and gone[id] then
			return nil, id
		end
		local name = nil
		if known then
			name = nameOf(id, known, task.feature, fresh)
		else
			local counts = countsOf(id)
			local isFresh = fresh[dependents.asFeature(id)] ~= nil
			if not (counts or isFresh) or id == task.feature then
				return nil, id
			end
			name = (isFresh or not isMerged(counts)) and dependents.asFeature(id) or nil
		end
		if name and not isNamed[name] then
			isNamed[name] = true
			names[#names + 1] = name
		end
	end
	return names
end

--- Counts and lists a new task of a feature; the first one creates the feature.
local function countNew(task, event)
	if task.feature == '' then
		return
	end
	local feature = key('features:' .. task.feature)
	local total = redis.call('HINCRBY', feature, 'total', 1)
	softly('ZADD', key('features:tasks:' .. task.feature), task.createdAt, task.id)
	local fields = {'total', digits(total), 'open', digits(redis.call('HINCRBY', feature, 'open', 1)), 'endedAt', '0'}
	if total == 1 then
		redis.call('ZADD', key('features'), now, task.feature)
		put(fields, 'createdAt', nowText)
	end
	writeFeature(task.feature, fields, event)
end

local function countEnd(task, state, event)
	if task.feature == '' then
		return
	end
	local feature = key('features:' .. task.feature)
	local open = redis.call('HINCRBY', feature, 'open', -1)
	local fields = {'open', digits(open), state, digits(redis.call('HINCRBY', feature, state, 1))}
	if open == 0 then
		put(fields, 'endedAt', nowText)
	end
	writeFeature(task.feature, fields, event)
end

--- Counts a task that had ended in `state` as open again.
local function countAgain(task, state, event)
	if task.feature == '' then
		return
	end
	local feature = key('features:' .. task.feature)
	local ended = digits(redis.call('HINCRBY', feature, state, -1))
	writeFeature(task.feature, {'open', digits(redis.call('HINCRBY', feature, 'open', 1)), state, ended, 'endedAt', '0'}, event)
end

--- Removes a replaced task from its feature's counts.
local function uncount(task, event)
	local feature = key('features:' .. task.feature)
	local open = redis.call('HINCRBY', feature, 'open', -1)
	local fields = {'total', digits(redis.call('HINCRBY', feature, 'total', -1)), 'open', digits(open)}
	if open == 0 then
		put(fields, 'endedAt', nowText)
	end
	writeFeature(task.feature, fields, event)
end

--- Reports the end of a feature with its last open task; a fully merged feature unblocks its dependents.
local function tellEnd(task)
	if task.feature == '' then
		return
	end
	local counts = countsOf(task.feature)
	if not counts or counts.open ~= '0' then
		return
	end
	local isWhole = isMerged(counts)
	local text = task.feature .. (isWhole and ' is merged' or ' has ended, not fully merged')
	emit('feature_ended', '', '', text, {}, 'feature:' .. task.feature .. ':' .. (isWhole and 'merged' or 'ended'))
	if isWhole then
		dependents.free(dependents.asFeature(task.feature), 100)
	end
end

return {
	countsOf = countsOf, nameOf = nameOf, waitsOf = waitsOf, countNew = countNew, countEnd = countEnd, countAgain = countAgain, uncount = uncount,
	tellEnd = tellEnd,
}
