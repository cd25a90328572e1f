"""The words that tell a transfer, one family a line: ``frame: forms status [deal type] [weak]``.

Whoever adds a word adds its whole family. A verb's forms are base, third person, past, participle and -ing; a regular
one needs its base form only. ``-`` stands for a form that is no trigger. A noun's forms are its spellings.
"""

VERBS = """
supply: sell/sells/sold/sold/selling ordered sale
supply: resell/resells/resold/resold/reselling ordered sale
supply: export delivered
supply: re-export delivered
supply: supply delivered
supply: resupply delivered
supply: provide delivered
supply: furnish delivered
supply: deliver delivered
supply: redeliver delivered
supply: transfer/transfers/transferred/transferred/transferring delivered
supply: retransfer/retransfers/retransferred/retransferred/retransferring delivered
supply: hand over delivered
supply: handover/-/-/-/- delivered
supply: turn over delivered
supply: make over/makes over/made over/made over/making over delivered
supply: sign over delivered
supply: pass on delivered weak
supply: pass delivered weak
supply: hand delivered weak
supply: give/gives/gave/given/giving delivered aid weak
supply: give away/gives away/gave away/given away/giving away delivered aid
supply: donate delivered aid
supply: gift delivered aid
supply: bequeath delivered aid
supply: present delivered weak
supply: contribute delivered aid weak
supply: send/sends/sent/sent/sending delivered weak
supply: ship/ships/shipped/shipped/shipping delivered
supply: dispatch delivered
supply: despatch delivered
supply: airlift delivered
supply: funnel/funnels/funnelled/funnelled/funnelling delivered
supply: smuggle delivered
supply: lend/lends/lent/lent/lending delivered lease
supply: loan delivered lease
supply: lease out ordered lease
supply: rent out ordered lease
supply: offload delivered
supply: release delivered weak
supply: cede delivered aid
supply: spare delivered aid weak
supply: part with delivered
supply: dispose of delivered
supply: make available/makes available/made available/made available/making available approved
supply: pledge approved aid
supply: promise approved
supply: earmark approved aid
supply: commit approved weak
supply: allocate approved aid weak
supply: offer proposed
supply: pitch proposed
supply: build/builds/built/built/building ordered new weak
supply: construct ordered new weak
supply: manufacture ordered new weak
supply: produce ordered new weak
equip: equip/equips/equipped/equipped/equipping delivered
equip: re-equip/re-equips/re-equipped/re-equipped/re-equipping delivered
equip: arm delivered weak
equip: outfit/outfits/outfitted/outfitted/outfitting delivered
acquire: buy/buys/bought/bought/buying ordered sale
acquire: purchase ordered sale
acquire: order ordered
acquire: reorder ordered
acquire: contract ordered sale
acquire: sign for ordered sale
acquire: sign up for ordered sale
acquire: book ordered weak
acquire: procure ordered
acquire: snap up ordered sale
acquire: commit to ordered weak
acquire: invest in ordered weak

acquire: pay for/pays for/paid for/paid for/paying for ordered sale weak
acquire: acquire delivered
acquire: obtain delivered
acquire: receive delivered
acquire: get/gets/got/gotten/getting delivered weak
acquire: take/takes/took/taken/taking delivered weak
acquire: take in/takes in/took in/taken in/taking in delivered
acquire: take on/takes on/took on/taken on/taking on delivered weak
acquire: take over/takes over/took over/taken over/taking over delivered
acquire: take delivery of/takes delivery of/took delivery of/taken delivery of/taking delivery of delivered
acquire: take possession of/takes possession of/took possession of/taken possession of/taking possession of delivered
acquire: take receipt of/takes receipt of/took receipt of/taken receipt of/taking receipt of delivered
acquire: accept delivery of delivered
acquire: accept delivered
acquire: accept into service delivered
acquire: import delivered
acquire: inherit delivered
acquire: induct delivered
acquire: commission delivered
acquire: pick up/picks up/picked up/picked up/picking up delivered
acquire: welcome delivered weak
acquire: lease ordered lease
acquire: rent ordered lease
acquire: borrow delivered lease weak
acquire: hire ordered lease weak
acquire: select approved
acquire: choose/chooses/chose/chosen/choosing approved
acquire: pick approved
acquire: opt for/opts for/opted for/opted for/opting for approved
acquire: go for/goes for/went for/gone for/going for approved weak
acquire: plump for approved
acquire: settle on approved
acquire: decide on approved
acquire: want proposed weak
acquire: seek/seeks/sought/sought/seeking proposed
acquire: request proposed
acquire: ask proposed weak
acquire: ask for proposed
acquire: look for proposed
acquire: eye proposed
acquire: consider proposed
acquire: mull proposed
acquire: weigh proposed weak
acquire: covet/covets/coveted/coveted/coveting proposed
acquire: lean to proposed
acquire: lean towards proposed
acquire: show interest in/shows interest in/showed interest in/shown interest in/showing interest in proposed
acquire: express interest in proposed
acquire: replace approved weak
acquire: become owner of/becomes owner of/became owner of/become owner of/becoming owner of ordered
fund: finance ordered aid
fund: fund ordered aid
fund: bankroll ordered aid
fund: co-finance ordered aid
arrive: due/-/-/-/- ordered weak
acquire: top up/tops up/topped up/topped up/topping up ordered
arrive: arrive delivered
arrive: land delivered weak
arrive: reach delivered weak
arrive: dock delivered
arrive: touch down delivered
arrive: come/comes/came/come/coming delivered weak
arrive: join delivered weak
arrive: go/goes/went/gone/going delivered weak
arrive: go to/goes to/went to/gone to/going to delivered weak
arrive: enter service delivered weak
arrive: be bound for/is bound for/was bound for/been bound for/being bound for ordered
arrive: change hands delivered
arrive: follow ordered weak
place: place an order for/places an order for/placed an order for/placed an order for/placing an order for ordered
place: place ordered weak
place: award ordered weak
win: win/wins/won/won/winning ordered weak
win: bag/bags/bagged/bagged/bagging ordered weak
win: clinch ordered weak
win: secure ordered weak
win: land a contract/lands a contract/landed a contract/landed a contract/landing a contract ordered
licence: assemble ordered licensed_production weak
licence: co-produce ordered licensed_production
licence: licence-build/-/licence-built/licence-built/licence-building ordered licensed_production
licence: license-build/-/license-built/license-built/license-building ordered licensed_production
sign: sign ordered
sign: ink ordered
sign: conclude ordered
sign: seal ordered
sign: finalise ordered
sign: finalize ordered
sign: agree ordered
sign: reach a deal/reaches a deal/reached a deal/reached a deal/reaching a deal ordered
sign: strike a deal/strikes a deal/struck a deal/struck a deal/striking a deal ordered
sign: close/-/closed/closed/closing ordered weak
sign: initial/-/initialled/initialled/initialling approved weak
sign: put pen to paper/puts pen to paper/put pen to paper/put pen to paper/putting pen to paper ordered
sign: exercise ordered weak
approve: approve approved
approve: clear approved
approve: authorise approved
approve: authorize approved
approve: allow approved weak
approve: let/lets/let/let/letting approved weak
approve: consent approved
approve: okay approved
approve: greenlight approved
approve: green-light approved
approve: give/gives/gave/given/giving + a green light to approved
approve: give/gives/gave/given/giving + the green light to approved
approve: give/gives/gave/given/giving + the go-ahead to approved
approve: sign off on approved
approve: sign off approved
approve: notify approved weak
approve: endorse approved weak
approve: ratify approved weak
approve: license approved
approve: permit/permits/permitted/permitted/permitting approved weak
cancel: cancel/cancels/cancelled/cancelled/cancelling cancelled
cancel: cancel/cancels/canceled/canceled/canceling cancelled
cancel: scrap/scraps/scrapped/scrapped/scrapping cancelled
cancel: drop/drops/dropped/dropped/dropping cancelled weak
cancel: abandon cancelled
cancel: annul/annuls/annulled/annulled/annulling cancelled
cancel: terminate cancelled
cancel: shelve cancelled
cancel: suspend cancelled
cancel: freeze/freezes/froze/frozen/freezing cancelled
cancel: halt cancelled
cancel: block cancelled
cancel: veto/vetoes/vetoed/vetoed/vetoing cancelled
cancel: refuse cancelled
cancel: reject cancelled
cancel: deny/denies/denied/denied/denying cancelled weak
cancel: decline cancelled weak
cancel: withhold/withholds/withheld/withheld/withholding cancelled
cancel: withdraw/withdraws/withdrew/withdrawn/withdrawing cancelled weak
cancel: revoke cancelled
cancel: rescind cancelled
cancel: call off cancelled
cancel: tear up/tears up/tore up/torn up/tearing up cancelled
cancel: rip up/rips up/ripped up/ripped up/ripping up cancelled
cancel: quash cancelled
cancel: nix cancelled
cancel: forgo/forgoes/forwent/forgone/forgoing cancelled
cancel: void cancelled
cancel: pass up/passes up/passed up/passed up/passing up cancelled
cancel: ditch cancelled
cancel: axe cancelled
cancel: throw out/throws out/threw out/thrown out/throwing out cancelled
cancel: turn down cancelled
cancel: walk away from cancelled
cancel: back out of cancelled
cancel: back away from cancelled
cancel: back off from cancelled
cancel: pull out of cancelled
cancel: pull the plug on/pulls the plug on/pulled the plug on/pulled the plug on/pulling the plug on cancelled
cancel: give up/gives up/gave up/given up/giving up cancelled
cancel: collapse cancelled
cancel: fall through/falls through/fell through/fallen through/falling through cancelled
cancel: break down/breaks down/broke down/broken down/breaking down cancelled weak
cancel: lapse cancelled
cancel: expire cancelled
cancel: kill off cancelled
cancel: kill cancelled weak
cancel: embargo cancelled
cancel: intercept cancelled weak
cancel: seize cancelled weak
cancel: return cancelled weak
cancel: lose/loses/lost/lost/losing cancelled weak
cancel: sweep away/sweeps away/swept away/swept away/sweeping away cancelled weak
cancel: renege on cancelled
cancel: axe cancelled
complete: complete delivered weak
complete: fulfil/fulfils/fulfilled/fulfilled/fulfilling delivered weak
complete: fulfill delivered weak
resume: resume ordered
resume: revive ordered
resume: reinstate ordered
resume: unfreeze/unfreezes/unfroze/unfrozen/unfreezing ordered
resume: unblock ordered
resume: lift approved weak
propose: plan/plans/planned/planned/planning proposed
propose: intend proposed
propose: hope proposed
propose: aim proposed
propose: propose proposed
propose: wish proposed
propose: negotiate proposed
propose: discuss proposed
propose: explore proposed
propose: evaluate proposed
propose: expect proposed weak
propose: try/tries/tried/tried/trying proposed
propose: urge proposed
propose: want to/wants to/wanted to/wanted to/wanting to proposed
propose: would like/-/-/-/- proposed
propose: look to proposed
propose: be keen to/is keen to/was keen to/been keen to/being keen to proposed
propose: be ready to/is ready to/was ready to/been ready to/being ready to proposed
propose: be willing to/is willing to/was willing to/been willing to/being willing to proposed
propose: be interested in/is interested in/was interested in/been interested in/being interested in proposed
propose: be in talks/is in talks/was in talks/been in talks/being in talks proposed
propose: talk to/talks to/talked to/talked to/talking to proposed
propose: hint proposed
propose: in line to/-/-/-/- proposed
propose: on the verge of/-/-/-/- proposed
propose: on the brink of/-/-/-/- proposed
propose: close to/-/-/-/- proposed
propose: in the running/-/-/-/- proposed
propose: in the market for/-/-/-/- proposed
propose: threaten proposed
deny: deny/denies/denied/denied/denying none
"""

NOUNS = """
supply: sale/sales ordered sale
supply: arms sale/arms sales ordered sale
supply: export/exports ordered sale
supply: re-export/re-exports ordered
supply: delivery/deliveries delivered
supply: redelivery/redeliveries delivered
supply: handover/handovers delivered
supply: hand-over/hand-overs delivered
supply: shipment/shipments delivered
supply: consignment/consignments delivered
supply: supply/supplies delivered
supply: provision ordered
supply: transfer/transfers delivered
supply: retransfer/retransfers delivered
supply: donation/donations delivered aid
supply: gift/gifts delivered aid
supply: grant/grants approved aid
supply: pledge/pledges approved aid
supply: offer/offers proposed
supply: promise/promises approved
supply: arrival/arrivals delivered
supply: batch/batches none
supply: tranche/tranches none
supply: instalment/instalments none
acquire: purchase/purchases ordered sale
acquire: acquisition/acquisitions ordered
acquire: procurement/procurements ordered
acquire: buy/buys ordered sale
acquire: order/orders ordered
acquire: import/imports delivered
acquire: request/requests proposed
acquire: bid/bids proposed
acquire: selection approved
acquire: choice approved
acquire: option/options proposed
acquire: commission ordered
deal: contract/contracts ordered sale
deal: deal/deals ordered
deal: agreement/agreements ordered
deal: accord/accords ordered
deal: pact/pacts ordered
deal: arrangement/arrangements ordered
deal: letter of offer and acceptance/letters of offer and acceptance ordered sale
deal: letter of acceptance/letters of acceptance ordered sale
deal: letter of intent/letters of intent approved
deal: letter of request/letters of request proposed
deal: memorandum/memorandums approved
deal: memorandum of understanding/memoranda of understanding approved
deal: mou/mous approved
deal: framework agreement/framework agreements approved
deal: framework/frameworks approved
deal: declaration of intent/declarations of intent approved
deal: lease/leases ordered lease
deal: loan/loans ordered lease
deal: package/packages none
deal: programme/programmes none
deal: program/programs none
deal: foreign military sale/foreign military sales none sale
deal: swap/swaps ordered
deal: licence/licences approved
deal: license/licenses approved
deal: export licence/export licences approved
deal: export license/export licenses approved
deal: export permit/export permits approved
deal: permit/permits approved
approve: approval/approvals approved
approve: clearance approved
approve: consent approved
approve: blessing approved
approve: go-ahead approved
approve: green light approved
approve: nod approved
approve: permission approved
approve: authorisation approved
approve: authorization approved
deal: notification/notifications approved
deal: talks proposed
deal: negotiation/negotiations proposed
deal: discussions proposed
deal: proposal/proposals proposed
deal: plan/plans proposed
deal: tender/tenders proposed
deal: interest proposed
deal: possible sale none sale
licence: licensed production ordered licensed_production
licence: licence production ordered licensed_production
licence: license production ordered licensed_production
licence: local production ordered licensed_production
licence: local assembly ordered licensed_production
licence: licensed assembly ordered licensed_production
licence: assembly line/assembly lines ordered licensed_production
licence: production line/production lines ordered licensed_production
licence: co-production ordered licensed_production
licence: coproduction ordered licensed_production
licence: production licence ordered licensed_production
licence: production license ordered licensed_production
licence: manufacturing licence ordered licensed_production
cancel: cancellation cancelled
cancel: annulment cancelled
cancel: termination cancelled
cancel: suspension cancelled
cancel: refusal cancelled
cancel: embargo cancelled
cancel: veto cancelled
"""
