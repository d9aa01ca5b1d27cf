--- The branch of a feature, where its tested work gathers for one pull request.
--- Guarantees: all tasks whose work is on it name its last commit as theirs; it moves in one step, and only to a commit that was built and
--- tested on that one, or that is that one, merged with the present base.
--- Run when first used: most steps need none of it.
--- uses: tasks

--- Other tasks whose work is on a task's branch; also those that were cancelled on its present last commit.
local function othersOf(task)
	local others = {}
	for _, id in ipairs(softly('ZRANGE', key('features:tasks:' .. task.feature), 0, -1) or {}) do
		local other = id ~= task.id and softly('HGET', taskKey(id), 'pullOf') == 'feature' and tasks.read(id)
		if other and other.pullHead ~= '' and other.state ~= 'merged' and other.state ~= 'planned' then
			others[#others + 1] = other
		end
	end
	return others
end

local function isThere(task)
	return task.state ~= 'cancelled'
end

--- Whether others have work there, so that one alone cannot be taken off.
local function isShared(task)
	if task.pullOf ~= 'feature' or task.pullHead == '' then
		return false
	end
	for _, other in ipairs(othersOf(task)) do
		if isThere(other) then
			return true
		end
	end
	return false
end

local function headOf(task, others)
	for _, other in ipairs(others) do
		if isThere(other) then
			return other.pullHead
		end
	end
	return task.pullOf == 'feature' and task.pullHead or ''
end

--- Why a tested task cannot join its branch; nil if it can.
local function refusal(task, others, base)
	local head = headOf(task, others)
	if head == '' then
		return nil
	end
	for _, other in ipairs(others) do
		if not isThere(other) and other.pullHead == head then
			return other.id .. ' was cancelled, and its work is on the branch of ' .. task.feature
		end
	end
	if base ~= head and task.commit ~= head then
		return 'the branch of ' .. task.feature .. ' has moved to ' .. head
	end
	return nil
end

--- Fields of a task that is about to be tested as the whole branch: its parts were reviewed, audited and approved one by one.
local function asWhole(task, head, fields)
	for _, name in ipairs({'reviewedCommit', 'auditedCommit'}) do
		if task[name] ~= '' then
			put(fields, name, head)
		end
	end
	for _, name in ipairs({'branch', 'worktree', 'session'}) do
		put(fields, name, '')
	end
	put(fields, 'commit', head)
	put(fields, 'cleared', head)
end

--- The branch is at `head` now, by this task: the others name it. Your word about a pull request was about what was on it, and nothing more.
local function move(task, others, head)
	for _, other in ipairs(others) do
		if isThere(other) then
			local fields = {}
			if task.commit ~= other.pullHead then
				put(fields, 'pullWanted', '')
			end
			if other.stage == 'test' and other.commit == other.pullHead then
				asWhole(other, head, fields)
			end
			put(fields, 'pullHead', head)
			emit('pull_request_changed', other.id, '', '', tasks.write(other, fields, {}), 'task:' .. other.id .. ':pull-request')
		end
	end
end

return {othersOf = othersOf, isShared = isShared, refusal = refusal, asWhole = asWhole, move = move}
