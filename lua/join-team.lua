--- join-team: a life of a room joins the rooms of this namespace.
--- Guarantees: nothing is written unless it fits: rooms that live agree on base, test command, lease, merges and the version of their data. Of one room
--- one life is there at a time: an earlier one of this machine and boot is dead, since whoever asks holds its socket; another one is dead
--- when the one that asks has seen its heartbeat stand still for its whole lease (`replaces`). While merges are local there is one clone.
--- A machine is called by its host's name, or by that and a number where another machine is called so already, for good.
---
--- KEYS
---   1 events
--- ARGV
---   1 namespace
---   2 op
---   3 room
---   4 machine
---   5 boot
---   6 host
---   7 version  of the program
---   8 data     version of what the scripts write
---   9 base
---   10 test
---   11 leaseMs
---   12 ttlMs
---   13 merge   local or push
---   14 replaces a life that is known to be dead, '' for none
---
--- Replies: 'ok' name of the machine | 'moving' to (its queue goes or went to another Redis) | 'alive' life beat leaseMs (of the same room elsewhere) | 'differs' what theirs ours room host | 'local' room host
---
--- uses: leader, once, rooms

local op = ARGV[2]
local room = ARGV[3]
local machine = ARGV[4]
local boot = ARGV[5]
local host = ARGV[6]
local version = ARGV[7]
local data = ARGV[8]
local base = ARGV[9]
local test = ARGV[10]
local leaseMs = tonumber(ARGV[11])
local ttlMs = tonumber(ARGV[12])
local merge = ARGV[13]
local replaces = ARGV[14]

local answered = once.answered(op)
if answered then
	return answered
end

local moving = redis.call('HGET', key('meta'), 'movingTo')
if moving and moving ~= '' then
	return {'moving', moving}
end

local home = rooms.homeOf(room)
local before = rooms.read(home, 'machine', 'boot', 'leaseMs')
if before and before.life ~= room and before.life ~= replaces and (before.machine ~= machine or before.boot ~= boot) then
	local beat = rooms.beatOf(before.life)
	if beat then
		return {'alive', before.life, beat, before.leaseMs}
	end
end

local WEEK_MS = 7 * 86400000
local OURS = {data = data, base = base, test = test, lease = digits(leaseMs), merge = merge}
local isTeam = false
local differs = rooms.others(home, {'data', 'base', 'test', 'lease', 'merge'}, function(other, card)
	isTeam = true
	for _, what in ipairs({'data', 'base', 'test', 'lease', 'merge'}) do
		if card[what] ~= OURS[what] then
			return {'differs', what, card[what], OURS[what], other, card.host}
		end
	end
end)
if differs then
	return differs
end
local known = redis.call('HMGET', key('meta'), 'merge', 'mergeRoom')
if known[1] == 'local' and known[2] ~= home then
	local card = rooms.read(known[2], 'host')
	return {'local', known[2], card and card.host or ''}
end
if known[1] ~= merge or known[2] == false then
	redis.call('HSET', key('meta'), 'merge', merge, 'mergeRoom', home)
end

--- Both ways, as with the numbers of agents.
local called = redis.call('HGET', key('machines'), 'id:' .. machine)
if not called then
	called = host
	local number = 1
	while redis.call('HEXISTS', key('machines'), 'name:' .. called) == 1 do
		number = number + 1
		called = host .. '-' .. number
	end
	redis.call('HSET', key('machines'), 'id:' .. machine, called, 'name:' .. called, machine)
end

leader.leave(home)
redis.call('SADD', key('rooms:joined'), home)
redis.call('DEL', rooms.cardKey(home))
redis.call('HSET', rooms.cardKey(home), 'life', room, 'machine', machine, 'boot', boot, 'host', called, 'version', version, 'data', data,
	'base', base, 'test', test, 'lease', digits(leaseMs), 'merge', merge, 'joinedAt', nowText, 'endedAt', '')
--- It lives from here on: whoever joins next must agree with it.
redis.call('SET', key('heartbeat:room:' .. room), nowText, 'PX', ttlMs)
redis.call('ZADD', key('rooms:index'), leaseMs, room)
for _, other in ipairs(redis.call('SMEMBERS', key('rooms:joined'))) do
	local card = rooms.read(other, 'endedAt')
	if not card or (card.endedAt ~= '' and now - tonumber(card.endedAt) > WEEK_MS) then
		redis.call('SREM', key('rooms:joined'), other)
		redis.call('DEL', rooms.cardKey(other))
	end
end
if isTeam then
	emit('room_joined', '', '', called .. ' joins the team', {}, 'room:' .. room .. ':joined')
end
return once.remember('ok', called)
