--- The budget.
--- Guarantees: its effect happens once, in the step in which spending reaches it: what a human resumes after that continues until a higher
--- budget is reached. `atBudget` of the control hash is 'hold' (no new paid work), 'freeze' (everything stops, and new work stays blocked
--- after unfreezing) or 'warn'.

--- Whether spending has reached the budget, and its orders: {isReached, budget, spent, action, isFrozen}.
local function read()
	local values = redis.call('HMGET', key('control'), 'budget', 'spent', 'atBudget', 'frozen')
	local budget, spent = tonumber(values[1] or '0') or 0, tonumber(values[2] or '0') or 0
	return {isReached = budget > 0 and spent >= budget, budget = budget, spent = spent, action = values[3], isFrozen = values[4] == '1'}
end

--- After spending or budget changed: applies the order if the budget is reached now and was not before.
local function meet(before)
	local is = read()
	if before.isReached or not is.isReached then
		return
	end
	local fields = {'reachedAt', digits(now)}
	if is.action == 'freeze' and not is.isFrozen then
		put(fields, 'frozen', '1')
		put(fields, 'frozenWhy', 'budget')
	end
	redis.call('HSET', key('control'), unpack(fields))
	local words = {freeze = 'everything is frozen', warn = 'agents continue'}
	local text = string.format('the budget of $%.2f is reached: %s', is.budget / 1000000, words[is.action] or 'no new work starts')
	emit('budget_reached', '', '', text, prefixed({}, 'c:', fields), 'control:budget:reached')
end

return {read = read, meet = meet}
