--- name-agents: gives the agents of a room their numbers.
--- Guarantees: a number of a role is given once, to one slot of one room: that slot gets it again whenever it asks, and nobody else ever does. An id
--- that somebody took by hand is left to them. Where Redis has lost what it gave, a room keeps what nobody else was given meanwhile.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 room      without its life
---   4 slots...  of each agent: the short name of its role, its slot among those of the room, and the number that it has, '' for none
---
--- Replies: 'ok' number of each slot, in order
---
--- uses: once

local op = ARGV[2]
local room = ARGV[3]
local slots = fieldsFrom(4)

local answered = once.answered(op)
if answered then
	return answered
end

--- Both ways: `slot:<room> <short> <slot>` to its number, `number:<short> <number>` to whose it is.
local numbers = key('agents:numbers')

local function isFree(short, number)
	if redis.call('HEXISTS', numbers, 'number:' .. short .. ' ' .. digits(number)) == 1 then
		return false
	end
	local owner = softly('HGET', agentKey(string.format('agent:%s:%03d', short, number)), 'room')
	return not owner or string.sub(owner, 1, #room + 1) == room .. ':'
end

local answer = {'ok'}
for index = 1, #slots - 2, 3 do
	local short = slots[index]
	local slot = room .. ' ' .. short .. ' ' .. slots[index + 1]
	local known = redis.call('HGET', numbers, 'slot:' .. slot)
	if not known then
		local last = tonumber(redis.call('HGET', key('agents:last'), short) or '0')
		local number = tonumber(slots[index + 2])
		if not number or not isFree(short, number) then
			number = last
			repeat
				number = number + 1
			until isFree(short, number)
		end
		known = digits(number)
		redis.call('HSET', numbers, 'slot:' .. slot, known, 'number:' .. short .. ' ' .. known, slot)
		redis.call('HSET', key('agents:last'), short, digits(math.max(last, number)))
	end
	answer[#answer + 1] = known
end
return once.remember(unpack(answer))
