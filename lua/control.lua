--- control: orders to the whole team: paused, drained, frozen.
--- Guarantees: a claim that comes after sees them.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 text
---   4 fields... name and 0 or 1 in turn
---
--- Replies: 'ok'

--- include: lib/base
local op = ARGV[2]
local text = ARGV[3]
local fields = fieldsFrom(4)
--- include: lib/once

if #fields > 0 then
	redis.call('HSET', key('control'), unpack(fields))
	emit('control_changed', '', '', text, prefixed({}, 'c:', fields), 'control:' .. table.concat(fields, ':'))
end
return remember('ok')
