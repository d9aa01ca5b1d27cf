--- cancel: ends an unfinished task without a result; another may replace it.
--- Guarantees: its holder's token is superseded in the same step. Dependents stay blocked until a human acts, unless a replacement is
--- named: then they wait for that. A replacement that waits for the task, directly or not, is refused; so is a task that is merging: it
--- is about to be on the base. So is one whose work is on the branch of its feature with that of others, unless the whole feature ends.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 reason
---   5 by        the replacement, '' for none
---   6 isWhole   '1': the unfinished tasks of its feature end together
---
--- Replies: 'ok' | 'gone' | 'merging' | 'gathered' | 'unknown' by | 'cycle' by | 'many' (more than 500 dependents, or `by` has more than 1,000)
---
--- flags: allow-oom
--- uses: circles, dependents, drop, feature-branch, features, freed-paths, handing, once, queues, stages, tasks

local op = ARGV[2]
local task = ARGV[3]
local reason = ARGV[4]
local by = ARGV[5]
local isWhole = ARGV[6]

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
if isWhole ~= '1' and featureBranch.isShared(before) then
	return {'gathered'}
end
local successor = nil
local sources = {task}
if by ~= '' then
	successor = tasks.read(by)
	if not successor or by == task or successor.state == 'failed' or successor.state == 'cancelled' then
		return {'unknown', by}
	end
	--- A plan without other tasks is its whole feature: dependents of the feature wait for it.
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
	--- A task that is not blocked has no open dependencies.
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
--- Each dependent waits for one less, and for the replacement unless it already did or that is merged.
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
