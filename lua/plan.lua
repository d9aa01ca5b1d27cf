--- plan: applies a plan in one step: its own task ends as planned, its tasks are created, and those it drops are cancelled.
--- Guarantees: all or nothing, once: only under the token of the plan's lease, or without one while the task needs this decision. New
--- tasks as lib/submission, all of the plan's feature. Holders of cancelled tasks are superseded; a merging task cannot be cancelled, nor
--- one whose work is on the branch of the feature with that of others. The feature is its real tasks: plan and dropped tasks do not
--- count, so it is merged when they are.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task      the plan's own
---   4 token     '' for a human's decision
---   5 agent
---   6 text
---   7 cancel    ids with commas
---   8 rows...   of each new task, as in submit
---
--- Replies: 'ok' id... | 'exists' id | 'unknown' id (a missing dependency, or no such task of this feature to cancel) | 'cycle' ids with
--- commas | 'merging' id | 'gathered' id | 'many' id | 'stale' | 'gone'
---
--- uses: create, dependents, drop, feature-branch, features, freed-paths, handing, leave, once, stages, submission, tasks

local op = ARGV[2]
local task = ARGV[3]
local token = ARGV[4]
local agent = ARGV[5]
local text = ARGV[6]
local cancel = ARGV[7]
local rows = fieldsFrom(8)

local answered = once.answered(op)
if answered then
	return answered
end

local before = tasks.read(task)
local refused = (not before or tasks.FINISHED[before.state]) and 'gone' or nil
if not refused and token == '' then
	refused = (before.state ~= 'blocked' or before.decision ~= 'plan') and 'stale' or nil
elseif not refused then
	refused = tasks.refusedToken(before, token) or (before.stage ~= 'plan' and 'stale') or nil
end
if refused then
	return {refused}
end
local feature = create.featureOf(before)
local dropped, isGone = {}, {}
for id in string.gmatch(cancel, '[^,]+') do
	local known = not isGone[id] and tasks.read(id)
	if known and (id == task or tasks.FINISHED[known.state] or known.feature ~= feature) or known == nil then
		return {'unknown', id}
	end
	if known then
		if stages.isMerging(known) then
			return {'merging', id}
		end
		if featureBranch.isShared(known) then
			return {'gathered', id}
		end
		dropped[#dropped + 1] = known
		isGone[id] = true
	end
end
local given = submission.read(rows, feature)
local refusal = submission.refusalOf(given, isGone)
if refusal then
	return refusal
end

local made, ids = submission.accept(given)
for _, known in ipairs(dropped) do
	drop.task(known, false, {'reason', text, 'supersededBy', task}, 'task_cancelled', 'cancelled by the plan ' .. task)
end
local fields, event = {'decision', '', 'waitReason', '', 'proposal', '', 'reason', '', 'progress', ''}, {}
leave.task(before, event)
leave.unowned(fields)
stages.finish(before, 'planned', 'tasks:done', fields)
if before.feature ~= '' then
	features.uncount(before, event)
end
emit('task_planned', task, agent, text, tasks.write(before, fields, event), 'task:' .. task .. ':planned')
dependents.free(task, 100, 'planned')
features.tellEnd(before)
for _, new in ipairs(made) do
	handing.give(new)
end
freedPaths.serve()
return once.remember('ok', unpack(ids))
