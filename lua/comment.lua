--- comment: stores a human's comment on a change; a must-fix returns the submitted task to its first stage.
--- Guarantees: comments keep their order of arrival whatever else is written: they are not part of the rounds, which verdicts rewrite. In
--- the same step a must-fix takes the task out of review, audit, test or merge queue and supersedes its holder: no verdict or test of the
--- old state counts, and it merges only after a new submission. A running merge and a merged task are not stopped. Costs no attempt and no
--- round.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 comment    one line of JSON
---   5 isMustFix 1 or 0
---   6 role      of the stage it returns to
---   7 feedback  for its next agent
---   8 text
---
--- Replies: 'ok' stage owner | 'back' stage | 'merging' | 'full' | 'gone'
---
--- uses: freed-paths, handing, leave, once, queues, stages, tasks

local op = ARGV[2]
local task = ARGV[3]
local comment = ARGV[4]
local isMustFix = ARGV[5]
local role = ARGV[6]
local feedback = ARGV[7]
local text = ARGV[8]

local answered = once.answered(op)
if answered then
	return answered
end

--- Bytes of all comments of a task.
local MOST_BYTES = 200000

local before = tasks.read(task)
if not before or tasks.FINISHED[before.state] then
	return {'gone'}
end
if isMustFix == '1' and stages.isMerging(before) then
	return {'merging'}
end
local known = softly('HGET', key('tasks:text:' .. task), 'comments') or ''
if #known + #comment > MOST_BYTES then
	return {'full'}
end
local fields = {'comments', known == '' and comment or known .. '\n' .. comment}
local owner = before.owner
local HANDED_IN = {review = true, audit = true, test = true, merge = true}
if isMustFix ~= '1' or not HANDED_IN[before.stage] or before.state == 'blocked' then
	emit('task_commented', task, owner, text, tasks.write(before, fields, {}), 'task:' .. task .. ':' .. before.state)
	return once.remember('ok', before.stage, before.state == 'leased' and owner or '')
end
local event = {}
leave.task(before, event)
leave.unowned(fields)
put(fields, 'waitReason', '')
put(fields, 'progress', '')
put(fields, 'reason', 'changes requested by you')
put(fields, 'feedback', feedback)
stages.enter(before, before.firstStage == '' and 'develop' or before.firstStage, role, fields)
queues.settle(before, 0, fields)
emit('task_commented', task, owner, text, tasks.write(before, fields, event), 'task:' .. task .. ':ready')
handing.give(before)
freedPaths.serve()
return once.remember('back', before.stage)
