--- Handing ready tasks to agents.
--- Guarantees: one holder; a token never issued before (a growing number and the agent's nonce, so that even after a rolled-back counter no
--- two are equal); queue, lease, lock, task, agent, registry and record change together. Author, reviewer and merger differ, and what lands is what was reviewed and audited. Whoever waits
--- found nothing to take when it asked, so what becomes ready is given away in the very step that makes it ready: nobody has to ask again.
--- What time alone makes possible (a brake or a preference ends) is given away by the next sweep.
--- uses: agent, brake, claimable, overlap, task

--- Tests and landings cost nothing. They are claimed by name, in the order of the train: nobody is handed one.
local BY_NAME = {test = true, merge = true}

--- So long a task whose session was cut off is kept for the agent that had it, ms: longer than a crash, or a restart of its room, takes. A
--- wait of its account comes before that.
local PREFER_MS = 20000
local AWAY = {stopped = true, lost = true, ['logged-out'] = true}

--- Whether a task is kept for another agent, that goes on with its own session: only while that one could come for it, and never for long.
local function isKept(task, id)
	if task.prefers == '' or task.prefers == id then
		return false
	end
	local member = readAgent(task.prefers)
	if not member then
		return false
	end
	local age = now - math.max(tonumber(task.readyAt) or 0, freeSince(member.account))
	if age < 0 or age >= PREFER_MS then
		return false
	end
	return member.token == '' and member.paused ~= '1' and member.role == task.role and not AWAY[member.status] and not isBraked(member)
end

--- Why an agent may not take a ready task of its queues, as a word; nil where it may.
local function objection(task, id)
	if isKept(task, id) then
		return 'kept'
	end
	local team = teamOrders()
	--- A drain begins nothing new; what was begun is developed to its end, reviewed, tested and merged.
	if team.isDrained and HOMES[task.stage] and (tonumber(task.attempt) or 0) == 0 then
		return 'drained'
	end
	if team.isOver and not BY_NAME[task.stage] then
		return 'over-budget'
	end
	--- Nobody writes in a test or a landing, and what waited for one would hold up all that stands behind it.
	if task.paths ~= '' and not BY_NAME[task.stage] and pathHolder(task.paths, id) then
		return 'locked'
	end
	if task.stage == 'review' or task.stage == 'audit' then
		return isAuthor(task, id) and 'own' or nil
	end
	if task.stage == 'merge' then
		--- What nobody has seen as it is never gets as far as the base.
		if task.reviewedCommit ~= '' and task.reviewedCommit ~= task.commit or task.audit == '1' and task.auditedCommit ~= task.commit then
			return 'unseen'
		end
		return (task.reviewer == id or isAuthor(task, id)) and 'own' or nil
	end
	return nil
end

--- Tasks that were looked at in this script, so that many agents in one step read each of them once.
local looked = {}
local function look(id)
	looked[id] = looked[id] or readTask(id) or false
	return looked[id]
end

--- Puts a ready task under an agent's token. Returns the fields that say so, and the deadline; nil where an outsider's lock keeps it from us.
local function hold(task, agent, token, leaseMs)
	local id = task.id
	looked[id] = nil
	if not redis.call('SET', key('locks:task:' .. id), agent .. ' ' .. token, 'NX', 'PX', leaseMs) then
		return nil
	end
	local leaseUntil = digits(now + leaseMs)
	leaveReady(task)
	redis.call('ZADD', key('leases'), leaseUntil, id)
	return {'state', 'leased', 'owner', agent, 'token', token, 'leaseUntil', leaseUntil}, leaseUntil
end

--- Gives a ready task to an agent without one. Returns token and deadline; nil where an outsider's lock keeps the task from us.
local function lease(task, member, call)
	local id = task.id
	local token = digits(redis.call('INCR', key('fencing'))) .. ':' .. call.nonce
	local fields, leaseUntil = hold(task, member.id, token, call.leaseMs)
	if not fields then
		return nil
	end
	if task.startedAt == '' then
		put(fields, 'startedAt', digits(now))
	end
	if (task.progress or '') ~= '' then
		put(fields, 'progress', '')
	end
	if task.prefers ~= '' then
		put(fields, 'prefers', '')
	end
	--- Nobody goes on with the session of another, nor with one whose worktree it leaves.
	if task.session ~= '' and HAS_SESSION[task.stage] and (task.sessionOf ~= member.id or HOMES[task.stage] and task.fresh == '1') then
		put(fields, 'session', '')
	end
	if HOMES[task.stage] and (task.attempt == '0' or task.attempt == '' or task.fresh == '1') then
		put(fields, 'attempt', digits((tonumber(task.attempt) or 0) + 1))
		put(fields, 'fresh', '0')
		put(fields, 'branch', '')
		put(fields, 'worktree', '')
	elseif task.stage == 'review' then
		showReview(id, 'status', 'in-progress', 'reviewer', member.id, 'commit', task.commit)
	end
	local event = writeTask(task, fields, {})
	local held = {'status', 'working', 'task', id, 'stage', task.stage, 'token', token, 'reason', '', 'statusAt', digits(now)}
	if member.resumes ~= '' then
		put(held, 'resumes', '')
	end
	writeAgent(member, held, event)
	beginProbe(member, event)
	emit('task_claimed', id, member.id, task.stage, event, 'task:' .. id .. ':leased')
	return token, leaseUntil
end

--- The task in whose session an agent was cut off, where it is still kept for it.
local function resumable(member, wanted)
	local task = member.resumes ~= '' and look(member.resumes)
	local isIt = task and task.state == 'ready' and task.prefers == member.id and task.role == member.role and wanted[task.stage]
	return isIt and coversAll(member.capabilities, task) and not objection(task, member.id) and task or nil
end

--- The best ready task for an agent, leased to it: token, deadline, task; nil and a word where there is none. What it was cut off in comes
--- first. At most 32 candidates are looked at. `isHanded`: it did not ask for it just now.
local function take(member, call, isHanded)
	if isBraked(member) then
		return nil, 'braked'
	end
	local wanted = {}
	for stage in string.gmatch(call.stages, '[^,]+') do
		wanted[stage] = true
	end
	local own = resumable(member, wanted)
	if own then
		local token, leaseUntil = lease(own, member, call)
		if token then
			return token, leaseUntil, own
		end
	end
	local word = 'none'
	local found = heads(member)
	for _ = 1, 32 do
		local head = least(found)
		if not head then
			break
		end
		local task = look(head.id)
		if not task then
			forgetTask(head.id)
			redis.call('ZREM', head.queue, head.id)
			head.index = head.index - 1
		elseif task.state == 'ready' and wanted[task.stage] and not (isHanded and BY_NAME[task.stage]) then
			local against = objection(task, member.id)
			if not against then
				local token, leaseUntil = lease(task, member, call)
				if token then
					return token, leaseUntil, task
				end
			elseif against == 'drained' or against == 'over-budget' then
				word = against
			end
		end
		step(head)
	end
	return nil, word
end

--- A ready task of that name, leased to the agent if it may take it: token, deadline, task; nil and a word where not.
local function takeNamed(member, call, id)
	if isBraked(member) then
		return nil, 'braked'
	end
	local task = look(id)
	local isFor = task and (task.assigned == '' or task.assignedRole ~= task.role or task.assigned == member.id)
	if not task or task.state ~= 'ready' or task.role ~= member.role or not isFor or not coversAll(member.capabilities, task) then
		return nil, 'none'
	end
	if not string.find(',' .. call.stages .. ',', ',' .. task.stage .. ',', 1, true) then
		return nil, 'none'
	end
	local against = objection(task, member.id)
	if against then
		return nil, (against == 'drained' or against == 'over-budget') and against or 'none'
	end
	local token, leaseUntil = lease(task, member, call)
	if not token then
		return nil, 'none'
	end
	return token, leaseUntil, task
end

--- From now on the agent is given what it can take, until its next task or an order to it.
local function await(member, call)
	redis.call('ZADD', key('waiting'), 'NX', now, member.id)
	redis.call('ZADD', key('waiting:' .. member.role), 'NX', now, member.id)
	redis.call('HSET', key('calls'), member.id, call.leaseMs .. ' ' .. call.nonce .. ' ' .. call.stages)
end

--- What a waiting agent asked with, if it can still be given something; else it waits no longer. The agents of a room that has not beaten
--- for a whole lease are passed over: whatever a dead room were handed would be lost for that long, and count as a failure. A room that
--- lives, and was only slow, is told by its next beat and asks again.
local callers = {}
local function callOf(id, role)
	if callers[id] then
		return callers[id].member, callers[id].call
	end
	local asked = redis.call('HGET', key('calls'), id)
	local member = readAgent(id)
	if asked and member and member.token == '' and member.paused ~= '1' then
		local leaseMs, nonce, stages = string.match(asked, '^(%d+) (%S+) (%S*)$')
		local beat = tonumber(softly('GET', key('heartbeat:room:' .. member.room)) or '')
		if beat and now - beat <= tonumber(leaseMs) then
			callers[id] = {member = member, call = {leaseMs = tonumber(leaseMs), nonce = nonce, stages = stages}}
			return member, callers[id].call
		end
	end
	unwait(id, role)
	return nil
end

--- Gives a task that has just become ready to the agent that waits longest and can take it; first the one that was cut off in it, or the author
--- where it goes on with its own attempt. At most 100 are asked.
local function handOut(task)
	if task.state ~= 'ready' or BY_NAME[task.stage] then
		return
	end
	local waiting = redis.call('ZRANGE', key('waiting:' .. task.role), 0, 99)
	if not waiting[1] or teamOrders().word ~= '' then
		return
	end
	local isReserved = task.assigned ~= '' and task.assignedRole == task.role
	local function try(id)
		if isReserved and id ~= task.assigned then
			return false
		end
		local member, call = callOf(id, task.role)
		if not member or isBraked(member) or not string.find(',' .. call.stages .. ',', ',' .. task.stage .. ',', 1, true) then
			return false
		end
		if objection(task, id) then
			return false
		end
		if not isReserved and not coversAll(member.capabilities, task) or not lease(task, member, call) then
			return false
		end
		unwait(id, task.role)
		callers[id] = nil
		return true
	end
	if HOMES[task.stage] and task.fresh ~= '1' or task.prefers ~= '' then
		for author in string.gmatch(task.prefers .. ',' .. task.author .. ',' .. task.authors, '[^,]+') do
			if redis.call('ZSCORE', key('waiting:' .. task.role), author) and try(author) then
				return
			end
		end
	end
	for _, id in ipairs(waiting) do
		if try(id) then
			return
		end
	end
end

--- Asks again for at most 100 who wait, each time for the next hundred: an order was lifted, a lock that kept a task from them has ended, or
--- nobody of those who were asked could do it.
local function serveWaiting()
	local count = redis.call('ZCARD', key('waiting'))
	if count == 0 or teamOrders().word ~= '' then
		return
	end
	local first = count > 100 and redis.call('INCRBY', key('serving'), 100) % count or 0
	for _, id in ipairs(redis.call('ZRANGE', key('waiting'), first, first + 99)) do
		local member, call = callOf(id, redis.call('HGET', agentKey(id), 'role') or '')
		if member and take(member, call, true) then
			unwait(id, member.role)
		end
	end
end
