--- note-base-tests: what a run of all tests on the base branch has shown: it passes, it fails, or which merge broke it.
--- Guarantees: nothing is written where another run was recorded since this one was started, so a late result of a room that was
--- stopped changes nothing; as every order of a leader it is refused once another room leads.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 was       fullPassed, fullTested, fullFailed and fullSteps when the run was started, with spaces
---   4 type      of the event
---   5 task      that broke the base, '' for none
---   6 text
---   7 fields... alternating names and values
---
--- Replies: 'ok' | 'stale'
---
--- uses: once

local op = ARGV[2]
local was = ARGV[3]
local type = ARGV[4]
local task = ARGV[5]
local text = ARGV[6]
local fields = fieldsFrom(7)

local answered = once.answered(op)
if answered then
	return answered
end

local known = redis.call('HMGET', key('control'), 'fullPassed', 'fullTested', 'fullFailed', 'fullSteps')
local stands = {}
for index = 1, 4 do
	stands[index] = known[index] or ''
end
if table.concat(stands, ' ') ~= was then
	return {'stale'}
end
if valueIn(fields, 'fullTested') then
	put(fields, 'fullTestedAt', nowText)
end
local failed = valueIn(fields, 'fullFailed')
if failed then
	put(fields, 'fullFailedAt', failed == '' and '0' or nowText)
end
redis.call('HSET', key('control'), unpack(fields))
emit(type, task, '', text, tell({}, 'c', fields), 'control:tests:' .. (valueIn(fields, 'fullTested') or stands[2]))
return once.remember('ok')
