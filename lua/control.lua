--- control: orders to the whole team: paused, drained, frozen, the budget and its effect; and whether the base is failing.
--- Guarantees: later claims obey them. A budget that is already reached takes effect in the same step. Lifting an order assigns what it
--- held back in the same step.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 text
---   4 fields... alternating names and values: 0 or 1; budget: whole millionths of a dollar, tokenBudget: whole tokens, 0 for none; atBudget: a word of lib/budget;
---               budgetFrom: the configured budget that these are, and budgetRoom: whose configuration that is; failingBase: a commit and failingWhy the failure, '' for none; failingSince is written with it
---
--- Replies: 'ok'
---
--- flags: allow-oom
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
		put(fields, 'failingSince', failingBase == '' and '0' or nowText)
	end
	if valueIn(fields, 'frozen') then
		put(fields, 'frozenWhy', '')
	end
	local stood = budget.read()
	redis.call('HSET', key('control'), unpack(fields))
	emit('control_changed', '', '', text, tell({}, 'c', fields), 'control:' .. table.concat(fields, ':', 1, 2))
	budget.meet(stood)
	handing.serve()
end
return once.remember('ok')
