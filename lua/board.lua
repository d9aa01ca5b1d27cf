--- board: whoever lands the head of the train is given what comes behind it, to land it in the same step.
--- Guarantees: the longest prefix of the cars that wait to land with those very candidates, and no further; under the token of the head's
--- lease, so that each is renewed, completed, released or reclaimed with it one by one. The agent stays at the head. Nobody boards its own work.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 agent
---   4 task      the head of the train
---   5 token
---   6 leaseMs
---   7 cars...   task and candidate in turn, in the order of the train; at most 100 tasks
---
--- Replies: 'ok' how many of them are leased under the token | 'stale' | 'gone'
---
--- uses: eligible, lease, once, tasks

local op = ARGV[2]
local agent = ARGV[3]
local task = ARGV[4]
local token = ARGV[5]
local leaseMs = tonumber(ARGV[6])
local cars = fieldsFrom(7)

local answered = once.answered(op)
if answered then
	return answered
end

local head = tasks.read(task)
local refused = tasks.refusedToken(head, token)
if not refused and (head.stage ~= 'merge' or head.owner ~= agent) then
	refused = 'stale'
end
if refused then
	return {refused}
end
local boarded = 0
for index = 1, math.min(#cars, 200), 2 do
	local car = lease.look(cars[index])
	if not car or car.stage ~= 'merge' or car.candidate ~= cars[index + 1] or car.candidate == '' then
		break
	end
	if car.state ~= 'leased' or car.token ~= token then
		local isFor = car.assigned == '' or car.assignedRole ~= car.role or car.assigned == agent
		if car.state ~= 'ready' or not isFor or eligible.objection(car, agent) then
			break
		end
		local fields = lease.hold(car, agent, token, leaseMs)
		if not fields then
			break
		end
		put(fields, 'hold', '')
		emit('task_boarded', car.id, agent, task, tasks.write(car, fields, {}), 'task:' .. car.id .. ':leased')
	end
	boarded = boarded + 1
end
return once.remember('ok', digits(boarded))
