--- Unfinished tasks that end without a result.
--- uses: features, leave, stages, tasks

--- Cancels an unfinished task: the token of its holder is superseded in the same step. `isCounted`: its feature has ended one task less
--- than whole; without that it is as if the feature had never had it. `fields` say why, `kind` and `text` tell it.
local function drop(task, isCounted, fields, kind, text)
	local event = {}
	local owner = task.owner
	leave.task(task, event)
	leave.unowned(fields)
	if task.decision ~= '' then
		put(fields, 'decision', '')
		put(fields, 'waitReason', '')
	end
	stages.finish(task, 'cancelled', 'tasks:done', fields)
	if isCounted then
		features.countEnd(task, 'cancelled', event)
	else
		features.uncount(task, event)
	end
	emit(kind, task.id, owner, text, tasks.write(task, fields, event), 'task:' .. task.id .. ':cancelled')
end

return {task = drop}
