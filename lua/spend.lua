--- spend: what an agent has used up is counted: on its task, on itself and for the whole team.
--- Guarantees: counted once. Money is gone whoever holds the task by now, so a superseded agent's share still counts for agent and team,
--- but not on a task that somebody else has: then the answer is 'stale'.
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
---
--- Replies: 'ok' | 'stale' | 'gone'

--- include: lib/base
local op = ARGV[2]
local task = ARGV[3]
local agent = ARGV[4]
local token = ARGV[5]
local micros = tonumber(ARGV[6])
local tokensIn = tonumber(ARGV[7])
local tokensOut = tonumber(ARGV[8])
--- include: lib/once
--- include: lib/agent
--- include: lib/task

local member = readAgent(agent)
if not member then
	return {'gone'}
end
local before = readTask(task)
local refused = refusedToken(before, token)

--- Adds to the counters of a hash; the new values as fields.
local function added(hash)
	return {
		'spent', digits(redis.call('HINCRBY', hash, 'spent', micros)),
		'tokensIn', digits(redis.call('HINCRBY', hash, 'tokensIn', tokensIn)),
		'tokensOut', digits(redis.call('HINCRBY', hash, 'tokensOut', tokensOut)),
	}
end

local event = prefixed({}, 'a:', added(agentKey(agent)))
prefixed(event, 'c:', {'spent', digits(redis.call('HINCRBY', key('control'), 'spent', micros))})
if not refused then
	prefixed(event, 't:', added(taskKey(task)))
end
emit('cost_counted', task, agent, '', event, 'agent:' .. agent .. ':' .. member.status)
return remember(refused and 'stale' or 'ok')
