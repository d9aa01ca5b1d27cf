--- Unfinished tasks that end without a result.
--- uses: features, leave, stages, tasks

--- Cancels an unfinished task: its holder's token is superseded in the same step. `isCounted`: its feature counts it as cancelled; else as
--- if it had never existed. `fields` say why, `kind` and `text` are the event's.
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
