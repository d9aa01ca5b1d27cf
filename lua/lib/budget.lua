--- The budget: of money, of tokens, or both.
--- Guarantees: its effect happens once, in the step in which spending reaches it: what a human resumes after that continues until a higher
--- budget is reached. `atBudget` of the control hash is 'hold' (no new paid work), 'freeze' (everything stops, and new work stays blocked
--- after unfreezing) or 'warn'.

--- Whether spending has reached a budget, and its orders: {isReached, isMoney, budget, tokenBudget, action, isFrozen}; `isMoney`: it is the money
--- that was reached.
local function read()
	local values = redis.call('HMGET', key('control'), 'budget', 'spent', 'tokenBudget', 'tokens', 'atBudget', 'frozen')
	local amounts = {}
	for index = 1, 4 do
		amounts[index] = tonumber(values[index] or '0') or 0
	end
	local isMoney = amounts[1] > 0 and amounts[2] >= amounts[1]
	local isTokens = amounts[3] > 0 and amounts[4] >= amounts[3]
	return {
		isReached = isMoney or isTokens, isMoney = isMoney, budget = amounts[1], tokenBudget = amounts[3], action = values[5],
		isFrozen = values[6] == '1',
	}
end

--- After spending or budget changed: applies the order if the budget is reached now and was not before.
local function meet(before)
	local is = read()
	if before.isReached or not is.isReached then
		return
	end
	local fields = {'reachedAt', nowText}
	if is.action == 'freeze' and not is.isFrozen then
		put(fields, 'frozen', '1')
		put(fields, 'frozenWhy', 'budget')
	end
	redis.call('HSET', key('control'), unpack(fields))
	local words = {freeze = 'everything is frozen', warn = 'agents continue'}
	local amount = is.isMoney and string.format('$%.2f', is.budget / 1000000) or digits(is.tokenBudget) .. ' tokens'
	local text = 'the budget of ' .. amount .. ' is reached: ' .. (words[is.action] or 'no new work starts')
	emit('budget_reached', '', '', text, tell({}, 'c', fields), 'control:budget:reached')
end

return {read = read, meet = meet}
