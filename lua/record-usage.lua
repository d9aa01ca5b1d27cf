--- record-usage: counts an agent's usage: for its task, the task's feature, itself and the team.
--- Guarantees: counted once. A superseded agent's usage counts for agent and team, but not for a task that another agent has: then the
--- answer is 'stale'. With a `counter` the amounts are its current totals and only its growth counts: repeated, late or resumed reports,
--- also after a restart of the room, never count twice. A lower counter was reset if the attempt differs from before (also at zero: then
--- all that follows counts), else the reading is late. A budget that is reached takes effect in the same step. Spending per quarter-hour is
--- kept for slightly more than a day, besides the total.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 agent
---   5 token
---   6 micros    whole millionths of a dollar
---   7 tokensIn
---   8 tokensOut
---   9 tokensCached  part of `tokensIn` from the provider's cache
---   10 counter  what the amounts are totals of (a session), '' for usage since the last report
---   11 cancelledCalls  requests to a model since the last report that ended without saying what they cost
---   12 model    as its program names it, '' unknown: kept with the agent
---
--- Replies: 'ok' | 'stale' | 'gone'
---
--- uses: agents, budget, features, handing, once, rate-limit-ends, tasks

local op = ARGV[2]
local task = ARGV[3]
local agent = ARGV[4]
local token = ARGV[5]
local micros = tonumber(ARGV[6])
local tokensIn = tonumber(ARGV[7])
local tokensOut = tonumber(ARGV[8])
local tokensCached = tonumber(ARGV[9])
local counter = ARGV[10]
local cancelledCalls = tonumber(ARGV[11])
local model = ARGV[12]

local answered = once.answered(op)
if answered then
	return answered
end

--- A session resumed later than this counts from zero, seconds.
local KEPT = 2592000
--- A day of any time zone and some more, in quarter-hours.
local QUARTERS = 112

tokensCached = math.min(tokensCached, tokensIn)
local member = agents.read(agent)
if not member then
	return {'gone'}
end
local before = tasks.read(task)
local refused = tasks.refusedToken(before, token)

if counter ~= '' then
	local last = key('counters:' .. counter)
	--- Counters of rooms without cache counts have three numbers.
	local of, money, tokens, answered, cached = string.match(softly('GET', last) or '', '^(%S+) (%d+) (%d+) (%d+) ?(%d*)$')
	local known = {tonumber(money or '0'), tonumber(tokens or '0'), tonumber(answered or '0'), tonumber(cached or '0') or 0}
	--- A newer attempt uses the counter: late reports of the earlier one are part of its sum, or lost with the reset.
	if refused and of and of ~= token then
		return {'stale'}
	end
	local isLower = micros < known[1] or tokensIn < known[2] or tokensOut < known[3]
	local isAnew = isLower and not refused and of ~= token
	if isAnew then
		known = {0, 0, 0, 0}
	end
	local stands = {micros, tokensIn, tokensOut, tokensCached}
	local most = {}
	for index, amount in ipairs(stands) do
		most[index] = math.max(amount, known[index])
	end
	micros, tokensIn, tokensOut = most[1] - known[1], most[2] - known[2], most[3] - known[3]
	tokensCached = math.min(tokensIn, most[4] - known[4])
	local isGrown = micros + tokensIn + tokensOut + cancelledCalls > 0
	if isGrown or isAnew then
		redis.call('SET', last, table.concat({token, digits(most[1]), digits(most[2]), digits(most[3]), digits(most[4])}, ' '), 'EX', KEPT)
	end
	if not isGrown then
		return {refused and 'stale' or 'ok'}
	end
end

--- Adds to the counters of a hash; returns the new values as fields.
local function added(hash)
	return {
		'spent', digits(redis.call('HINCRBY', hash, 'spent', micros)),
		'tokensIn', digits(redis.call('HINCRBY', hash, 'tokensIn', tokensIn)),
		'tokensOut', digits(redis.call('HINCRBY', hash, 'tokensOut', tokensOut)),
		'tokensCached', digits(redis.call('HINCRBY', hash, 'tokensCached', tokensCached)),
		'cancelledCalls', digits(redis.call('HINCRBY', hash, 'cancelledCalls', cancelledCalls)),
	}
end

--- Adds to this quarter-hour's spending and drops the oldest; returns the quarter and its sum as one word.
local function addedNow()
	local quarter = math.floor(now / 900000)
	local kept, sum = {}, micros
	for past, amount in string.gmatch(redis.call('HGET', key('control'), 'quarters') or '', '(%d+):(%d+)') do
		if tonumber(past) == quarter then
			sum = sum + tonumber(amount)
		elseif tonumber(past) > quarter - QUARTERS then
			kept[#kept + 1] = past .. ':' .. amount
		end
	end
	local word = digits(quarter) .. ':' .. digits(sum)
	kept[#kept + 1] = word
	redis.call('HSET', key('control'), 'quarters', table.concat(kept, ' '))
	return word
end

local stood = budget.read()
local event = tell({}, 'a', added(agentKey(agent)))
if model ~= '' and not refused and redis.call('HGET', agentKey(agent), 'model') ~= model then
	redis.call('HSET', agentKey(agent), 'model', model)
	tell(event, 'a', {'model', model})
end
tell(event, 'c', {
	'spent', digits(redis.call('HINCRBY', key('control'), 'spent', micros)),
	'tokens', digits(redis.call('HINCRBY', key('control'), 'tokens', tokensIn + tokensOut)),
})
if micros > 0 then
	tell(event, 'c', {'quarter', addedNow()})
end
if not refused then
	tell(event, 't', added(taskKey(task)))
	if before.feature ~= '' and features.countsOf(before.feature) then
		local fields = added(key('features:' .. before.feature))
		put(fields, 'id', before.feature)
		tell(event, 'f', fields)
	end
end
emit('usage_recorded', task, agent, '', event, 'agent:' .. agent .. ':' .. member.status)
budget.meet(stood)
if rateLimitEnds.prove(member) then
	handing.serve()
end
return once.remember(refused and 'stale' or 'ok')
