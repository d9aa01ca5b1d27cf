--- How the wait of an account ends: by the clock, by an answer, or by a person.
--- uses: brakes

--- Lifts a brake; who waits is served by the caller.
local function lift(account, agent, text)
	local brake = brakes.teamOrders().brakes[account]
	redis.call('HDEL', key('control'), 'brake:' .. account)
	redis.call('HSET', key('brakes:before'), account, digits(brake.level) .. ' ' .. digits(now))
	brakes.teamOrders().brakes[account] = nil
	emit('account_freed', '', agent, account .. ' ' .. text, prefixed({}, 'c:', {'brake:' .. account, ''}), 'account:' .. account .. ':free')
end

--- What is over by the clock: a trial that nobody told the end of, and a brake after which nobody came for so long that it says nothing any
--- more.
local function liftDue()
	for account, brake in pairs(brakes.teamOrders().brakes) do
		if now >= brake.ends + (brake.probe == '-' and brakes.MEMORY_MS or 0) then
			lift(account, '', 'its wait is over')
		end
	end
end

--- An agent got an answer: where it tried for its account, the others may follow. Returns whether it did.
local function prove(member)
	local brake = brakes.of(member.account)
	if not brake or brake.probe ~= member.id then
		return false
	end
	lift(member.account, member.id, 'answered again')
	return true
end

return {lift = lift, liftDue = liftDue, prove = prove}
