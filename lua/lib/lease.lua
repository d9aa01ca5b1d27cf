--- Assigns ready tasks to agents.
--- Guarantees: one holder; a token never issued before (a growing number and the agent's nonce, so that even after a rolled-back counter no
--- two are equal); queue, lease, lock, task, agent, registry and event log change together.
--- uses: agents, claimable, eligible, queues, rate-limits, tasks

--- Tasks read in this script, so that many agents in one step read each once.
local looked = {}
local function look(id)
	looked[id] = looked[id] or tasks.read(id) or false
	return looked[id]
end

--- Whether a task may come under the token of an agent that has one already: it is ready, not reserved for another, and not locked.
local function mayJoin(task, agent)
	local isFor = task.assigned == '' or task.assignedRole ~= task.role or task.assigned == agent
	local isLocked = redis.call('EXISTS', key('locks:task:' .. task.id)) == 1
	return task.state == 'ready' and isFor and not isLocked and not eligible.objection(task, agent)
end

--- Puts a ready task under an agent's token. Returns the fields and the deadline; nil if an external lock blocks it.
local function grant(task, agent, token, leaseMs)
	local id = task.id
	looked[id] = nil
	if not redis.call('SET', key('locks:task:' .. id), agent .. ' ' .. token, 'NX', 'PX', leaseMs) then
		return nil
	end
	local leaseUntil = digits(now + leaseMs)
	queues.leave(task)
	redis.call('ZADD', key('leases'), leaseUntil, id)
	return {'state', 'leased', 'owner', agent, 'token', token, 'leaseUntil', leaseUntil}, leaseUntil
end

--- Assigns a ready task to an agent without one. Returns token and deadline; nil if an external lock blocks it.
local function give(task, member, call)
	local id = task.id
	local token = digits(redis.call('INCR', key('fencing'))) .. ':' .. call.nonce
	local fields, leaseUntil = grant(task, member.id, token, call.leaseMs)
	if not fields then
		return nil
	end
	if task.startedAt == '' then
		put(fields, 'startedAt', nowText)
	end
	if (task.progress or '') ~= '' then
		put(fields, 'progress', '')
	end
	if task.prefers ~= '' then
		put(fields, 'prefers', '')
	end
	--- A session only continues with its own agent and worktree.
	if task.session ~= '' and tasks.HAS_SESSION[task.stage] and (task.sessionOf ~= member.id or tasks.HOMES[task.stage] and task.fresh == '1') then
		put(fields, 'session', '')
	end
	if tasks.HOMES[task.stage] and (task.attempt == '0' or task.attempt == '' or task.fresh == '1') then
		put(fields, 'attempt', digits((tonumber(task.attempt) or 0) + 1))
		if task.fresh ~= '' then
			put(fields, 'fresh', '0')
		end
		put(fields, 'branch', '')
		put(fields, 'worktree', '')
	elseif task.stage == 'review' then
		tasks.showReview(id, 'status', 'in-progress', 'reviewer', member.id, 'commit', task.commit)
	end
	local event = tasks.write(task, fields, {t = nil, a = nil, was = nil})
	local held = {'status', 'working', 'task', id, 'stage', task.stage, 'token', token, 'reason', '', 'statusAt', nowText}
	if member.resumes ~= '' then
		put(held, 'resumes', '')
	end
	agents.write(member, held, event)
	rateLimits.beginProbe(member, event)
	emit('task_claimed', id, member.id, task.stage, event, 'task:' .. id .. ':leased')
	return token, leaseUntil
end

--- Whether an agent asks for tasks in this stage.
local function isWanted(call, stage)
	return string.find(',' .. call.stages .. ',', ',' .. stage .. ',', 1, true) ~= nil
end

--- The interrupted task of an agent, if it is still reserved for it.
local function resumable(member, call)
	local task = look(member.resumes)
	local isIt = task and task.state == 'ready' and task.prefers == member.id and task.role == member.role and isWanted(call, task.stage)
	return isIt and claimable.coversAll(member.capabilities, task) and not eligible.objection(task, member.id) and task or nil
end

--- Leases the best ready task to an agent: token, deadline, task; nil and a word if there is none. Its interrupted task comes first.
--- Considers at most 32 candidates. `isHanded`: it did not ask just now.
local function take(member, call, isHanded)
	if rateLimits.isThrottled(member) then
		return nil, 'throttled'
	end
	local own = member.resumes ~= '' and resumable(member, call)
	if own then
		local token, leaseUntil = give(own, member, call)
		if token then
			return token, leaseUntil, own
		end
	end
	local word = 'none'
	local found = claimable.heads(member)
	for _ = 1, 32 do
		local head = claimable.least(found)
		if not head then
			break
		end
		local task = look(head.id)
		if not task then
			tasks.forget(head.id)
			redis.call('ZREM', head.queue, head.id)
			head.index = head.index - 1
		elseif task.state == 'ready' and isWanted(call, task.stage) and not (isHanded and eligible.BY_NAME[task.stage]) then
			local against = eligible.objection(task, member.id)
			if not against then
				local token, leaseUntil = give(task, member, call)
				if token then
					return token, leaseUntil, task
				end
			elseif against == 'drained' or against == 'over-budget' then
				word = against
			end
		end
		claimable.step(head)
	end
	return nil, word
end

--- Leases a named ready task to the agent if it may take it: token, deadline, task; nil and a word if not.
local function takeNamed(member, call, id)
	if rateLimits.isThrottled(member) then
		return nil, 'throttled'
	end
	local task = look(id)
	local isFor = task and (task.assigned == '' or task.assignedRole ~= task.role or task.assigned == member.id)
	if not task or task.state ~= 'ready' or task.role ~= member.role or not isFor or not claimable.coversAll(member.capabilities, task) then
		return nil, 'none'
	end
	if not isWanted(call, task.stage) then
		return nil, 'none'
	end
	local against = eligible.objection(task, member.id)
	if against then
		return nil, (against == 'drained' or against == 'over-budget') and against or 'none'
	end
	local token, leaseUntil = give(task, member, call)
	if not token then
		return nil, 'none'
	end
	return token, leaseUntil, task
end

return {look = look, mayJoin = mayJoin, grant = grant, give = give, take = take, takeNamed = takeNamed}
