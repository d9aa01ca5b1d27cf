--- The budget.
--- Guarantees: what is ordered for it happens in the very step in which what is spent reaches it, and once: what a person lets go on after that
--- goes on, until a higher budget is reached.
--- `atBudget` of the control hash says what that is: 'hold' (nobody begins what costs money), 'freeze' (everything stops in place, and stays held
--- when it goes on), 'warn' (it is only told).

--- Whether what is spent has reached the budget, and its orders: {isReached, budget, spent, action, isFrozen}.
local function read()
	local values = redis.call('HMGET', key('control'), 'budget', 'spent', 'atBudget', 'frozen')
	local budget, spent = tonumber(values[1] or '0') or 0, tonumber(values[2] or '0') or 0
	return {isReached = budget > 0 and spent >= budget, budget = budget, spent = spent, action = values[3], isFrozen = values[4] == '1'}
end

--- After what is spent, or the budget, has changed: carries out what is ordered where it is reached now and was not before.
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
