--- cancel: an unfinished task ends without a result, or another takes its place.
--- Guarantees: the token of its holder is superseded in the same step. What comes after it stays blocked until a person acts, unless another
--- task takes its place: then it waits for that one instead. A successor that itself waits for the task, however indirectly, is refused; so is
--- what lands at this moment: it is about to be on the base.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 reason
---   5 by        the task that takes its place, '' for none
---
--- Replies: 'ok' | 'gone' | 'merging' | 'unknown' by | 'cycle' by | 'many' (more than 500 wait for it, or `by` for more than 1,000)
---
--- uses: circles, dependents, drop, features, freed-paths, handing, once, queues, stages, tasks

local op = ARGV[2]
local task = ARGV[3]
local reason = ARGV[4]
local by = ARGV[5]

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
if not before or tasks.FINISHED[before.state] then
	return {'gone'}
end
if stages.isMerging(before) then
	return {'merging'}
end
local successor = nil
local sources = {task}
if by ~= '' then
	successor = tasks.read(by)
	if not successor or by == task or successor.state == 'failed' or successor.state == 'cancelled' then
		return {'unknown', by}
	end
	--- A plan alone is all of its feature: who waits for that waits for it.
	local counts = before.stage == 'plan' and before.feature ~= successor.feature and features.countsOf(before.feature)
	if counts and counts.open == '1' and counts.total == '1' then
		sources[2] = dependents.asFeature(before.feature)
	end
	local waiters = 0
	for _, source in ipairs(sources) do
		waiters = waiters + redis.call('SCARD', key('tasks:after:' .. source))
	end
	if waiters > 500 then
		return {'many'}
	end
	--- A task that is not blocked waits for nothing any more.
	local goal = features.nameOf(by, successor, '')
	local isWaiting = goal and (goal ~= by or successor.state == 'blocked') and circles.waitsFor(goal, sources, 1000)
	if isWaiting then
		return {'cycle', by}
	elseif goal and isWaiting == nil then
		return {'many'}
	end
end

local isReplaced = successor and before.feature ~= '' and successor.feature == before.feature
local kind, text = 'task_cancelled', reason
if successor then
	kind, text = 'task_superseded', by
end
drop.task(before, not isReplaced, {'reason', reason, 'supersededBy', by}, kind, text)
--- Each dependent waits for one less, and for the successor instead unless it did already or that one is merged.
for _, source in ipairs(successor and sources or {}) do
	for _, id in ipairs(redis.call('SPOP', key('tasks:after:' .. source), 500)) do
		local dependent = tasks.read(id)
		if dependent and dependent.state == 'blocked' then
			local names = {by}
			for name in string.gmatch(dependent.after, '[^,]+') do
				if name ~= task and name ~= by then
					names[#names + 1] = name
				end
			end
			local waits = math.max(0, (tonumber(dependent.waits) or 1) - 1)
			local name = features.nameOf(by, successor, dependent.feature)
			if name and redis.call('SADD', key('tasks:after:' .. name), id) == 1 then
				waits = waits + 1
			end
			local changed = {'after', table.concat(names, ','), 'waits', digits(waits)}
			if waits == 0 then
				queues.settle(dependent, 0, changed)
			end
			local said = 'waits for ' .. by .. ' instead of ' .. task
			local written = tasks.write(dependent, changed, {})
			emit(waits == 0 and 'task_ready' or 'task_progressed', id, '', said, written, 'task:' .. id .. ':' .. dependent.state)
			handing.give(dependent)
		end
	end
end
features.tellEnd(before)
freedPaths.serve()
return once.remember('ok')
