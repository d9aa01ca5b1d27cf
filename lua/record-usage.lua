--- record-usage: what an agent has used up is counted: on its task, on the task's feature, on itself and for the whole team.
--- Guarantees: counted once. Money is gone whoever holds the task by now, so a superseded agent's share still counts for agent and team,
--- but not on a task that somebody else has: then the answer is 'stale'. With a `counter` the amounts are what that counter stands at, and only
--- what it has grown by is counted: said again, late, by a resumed session or after a restart of the room, nothing is counted twice. A counter
--- that stands lower than before began anew where the attempt is another than before (also at nothing: then all of what follows counts), else
--- the reading is late. A budget that is reached by it is met in the same step. What the team spent in each quarter of an hour is kept for a day and some hours beside the sum of all time.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 task
---   4 agent
---   5 token
---   6 micros    millionths of a dollar, whole
---   7 tokensIn
---   8 tokensOut
---   9 tokensCached  of `tokensIn`, those that the provider's cache gave
---   10 counter  what the amounts are the totals of (a session), '' where they are used up since the last report
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

local answered = once.answered(op)
if answered then
	return answered
end

--- A session that is gone on with later than this is counted from nothing, seconds.
local KEPT = 2592000
--- A day of any time zone and what came before it, in quarters of an hour.
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
	--- A counter of a room that did not count what caches gave has three numbers.
	local of, money, tokens, answered, cached = string.match(softly('GET', last) or '', '^(%S+) (%d+) (%d+) (%d+) ?(%d*)$')
	local known = {tonumber(money or '0'), tonumber(tokens or '0'), tonumber(answered or '0'), tonumber(cached or '0') or 0}
	--- A newer attempt counts with it: what the earlier one still says is in the sum of that one, or is lost with a counter that began anew.
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
	local isGrown = micros + tokensIn + tokensOut > 0
	if isGrown or isAnew then
		redis.call('SET', last, table.concat({token, digits(most[1]), digits(most[2]), digits(most[3]), digits(most[4])}, ' '), 'EX', KEPT)
	end
	if not isGrown then
		return {refused and 'stale' or 'ok'}
	end
end

--- Adds to the counters of a hash; the new values as fields.
local function added(hash)
	return {
		'spent', digits(redis.call('HINCRBY', hash, 'spent', micros)),
		'tokensIn', digits(redis.call('HINCRBY', hash, 'tokensIn', tokensIn)),
		'tokensOut', digits(redis.call('HINCRBY', hash, 'tokensOut', tokensOut)),
		'tokensCached', digits(redis.call('HINCRBY', hash, 'tokensCached', tokensCached)),
	}
end

--- Adds to what was spent in this quarter of an hour, and forgets the oldest; the quarter and its sum as one word.
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
local event = prefixed({}, 'a:', added(agentKey(agent)))
prefixed(event, 'c:', {'spent', digits(redis.call('HINCRBY', key('control'), 'spent', micros))})
if micros > 0 then
	prefixed(event, 'c:', {'quarter', addedNow()})
end
if not refused then
	prefixed(event, 't:', added(taskKey(task)))
	if before.feature ~= '' and features.countsOf(before.feature) then
		local fields = added(key('features:' .. before.feature))
		put(fields, 'id', before.feature)
		prefixed(event, 'f:', fields)
	end
end
emit('usage_recorded', task, agent, '', event, 'agent:' .. agent .. ':' .. member.status)
budget.meet(stood)
if rateLimitEnds.prove(member) then
	handing.serve()
end
return once.remember(refused and 'stale' or 'ok')
