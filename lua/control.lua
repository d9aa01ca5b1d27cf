--- control: orders to the whole team: paused, drained, frozen, the budget and what happens when it is reached; and whether the base is known to be red.
--- Guarantees: a claim that comes after sees them. A budget that is reached already is met in the same step. What an order held back is given to those who wait in the step that lifts it.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 text
---   4 fields... name and value in turn: 0 or 1; for budget whole millionths of a dollar, 0 for none; for atBudget a word of lib/budget; for red a commit, and for redWhy how it
---               failed, '' for none: redAt is written with it
---
--- Replies: 'ok'
---
--- uses: budget, handing, once

local op = ARGV[2]
local text = ARGV[3]
local fields = fieldsFrom(4)

local answered = once.answered(op)
if answered then
	return answered
end

if #fields > 0 then
	local failingBase = valueIn(fields, 'failingBase')
	if failingBase then
		put(fields, 'failingSince', failingBase == '' and '0' or digits(now))
	end
	if valueIn(fields, 'frozen') then
		put(fields, 'frozenWhy', '')
	end
	local stood = budget.read()
	redis.call('HSET', key('control'), unpack(fields))
	emit('control_changed', '', '', text, prefixed({}, 'c:', fields), 'control:' .. table.concat(fields, ':', 1, 2))
	budget.meet(stood)
	handing.serve()
end
return once.remember('ok')
