--- Who may take a ready task.
--- Guarantees: author, reviewer and merger differ, and only what was reviewed and audited merges.
--- uses: agents, overlap, rate-limits, tasks

--- Tests and merges cost nothing. They are claimed by name, in queue order, and never assigned.
local BY_NAME = {test = true, merge = true}

--- How long a task is reserved for its interrupted agent, ms: longer than a crash or a room's restart. A rate limit of its account comes
--- before that.
local PREFER_MS = 20000
local AWAY = {stopped = true, lost = true, ['logged-out'] = true}

--- Whether a task is reserved for another agent's session: only while that agent can come, and for a limited time.
local function isKept(task, id)
	if task.prefers == '' or task.prefers == id then
		return false
	end
	local member = agents.read(task.prefers)
	if not member then
		return false
	end
	local age = now - math.max(tonumber(task.readyAt) or 0, rateLimits.freeSince(member.account))
	if age < 0 or age >= PREFER_MS then
		return false
	end
	return member.token == '' and member.paused ~= '1' and member.role == task.role and not AWAY[member.status] and not rateLimits.isThrottled(member)
end

--- Why an agent may not take a ready task of its queues, as a word; nil if it may.
local function objection(task, id)
	if isKept(task, id) then
		return 'kept'
	end
	local team = rateLimits.teamOrders()
	--- A drain starts nothing new; started work is developed, reviewed, tested and merged.
	if team.isDrained and tasks.HOMES[task.stage] and (tonumber(task.attempt) or 0) == 0 then
		return 'drained'
	end
	if team.isOver and not BY_NAME[task.stage] then
		return 'over-budget'
	end
	--- Tests and merges do not write, and waiting for a lock would block the queue behind them.
	if task.paths ~= '' and not BY_NAME[task.stage] and overlap.pathHolder(task.paths, id) then
		return 'locked'
	end
	if task.stage == 'review' or task.stage == 'audit' then
		return tasks.isAuthor(task, id) and 'own' or nil
	end
	if task.stage == 'merge' then
		--- Unreviewed content never reaches the base.
		if task.reviewedCommit ~= '' and task.reviewedCommit ~= task.commit or task.audit == '1' and task.auditedCommit ~= task.commit then
			return 'unseen'
		end
		return (task.reviewer == id or tasks.isAuthor(task, id)) and 'own' or nil
	end
	return nil
end

return {BY_NAME = BY_NAME, objection = objection}
