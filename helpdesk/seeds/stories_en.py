"""What the English-speaking customers of the demonstration wrote over the months (grammar: helpdesk/seeds/story.py)."""

STORIES = """
@ Owen Fairleigh | en | email owen.fairleigh@example.test * | whatsapp +44 20 7555 0151
= 173d | Tent for two | Orders | Luca | resolve
email: Hello, does the Cirrus 2 fit two people of 1.90 m? The photos look generous, as photos do.
> Hi Owen, it does, diagonally not needed: 2.20 m inside. Two wide mats touch each other though. / Luca
email: Honest answer, ordered.
= 33d | Broken pole | Repairs | Luca | resolve
whatsapp+photo: One pole section split at the ferrule on the second night. Photo attached.
> Sorry to hear it, Owen. That is covered. I order the section from the maker today.
whatsapp: Thanks. We splinted it with a spoon, still standing!
> That deserves a place on our wall. May we?
whatsapp: Please do

@ Harriet Colefax | en | email harriet@example.test | chat v-77b0e2
= 64d | Vegan boots | Orders | Sara | resolve
chat: Are the Alpe 2 leather?
> They are nubuck leather. The Brezza looks similar and has none.
chat: Brezza then, thank you.

@ Kiri Aoake | en | email kiri.aoake@example.test * | whatsapp +64 9 555 0153
= 240d | Crampons for a school | Orders | Luca | resolve
email: Kia ora, do your strap-on crampons fit stiff and soft boots alike? We lend them to beginners.
> Kia ora Kiri, soft boots too, up to EU 47. Beginners put them on in under a minute, we timed it. / Luca
email: Sold. Twelve pairs please.

@ Fergus Mallory | en | email fergus.mallory@example.test * | phone +44 20 7555 0154
= 91d | Wrong left boot | Returns | Luca | resolve
email: You sent me two left boots. I am flattered, but I have one of each foot.
> Hi Fergus, that made the whole shop laugh and blush. The right one leaves today by express; keep the spare left one
  until our courier collects it. / Luca
call: spoke for 2 min: courier comes Tuesday before noon
email: Right boot arrived. Order is restored.
= 214m | Resole before spring | Repairs | Luca | open
email: Hello again, / the heels of my famous boots are worn down. Could you resole them over the winter, and what
  would it
  cost with return to Scotland? / Fergus
# 68 € plus 19 € post to the UK; ask Piero for January.
> Hi Fergus, / gladly: 68 € for the resole and 19 € for the journey home. Piero has time in January. / Luca
email: January suits me. Do I need to clean them first? They have seen things.

@ Imogen Thackeray | en | instagram imogen.walks *
= 46m | Restock of the rust colour | Orders | - | open
instagram: Any chance the rust-coloured Sentiero comes back in 37? I keep missing it

@ Desmond Achterberg | en | email desmond.a@example.test
= 6d | Customs charge | Delivery | Luca | wait
email: The courier wants 41 € customs for parcel 10366 to Norway. Your page says duties are included.
> Hi Desmond, they are, and we will pay it. Could you send me a photo of the slip? Please don't pay at the door. /
  Luca
robot: Thank you for your mail. I am hiking until Monday and read mail only in huts.

@ Rosalind Vane | en | whatsapp +44 20 7555 0156 * | email rosalind.vane@example.test
= 118d | Gaiters | Orders | Ana | resolve
whatsapp: Do the short gaiters fit trail shoes without a heel hook?
> Hello Rosalind, they do, there is a strap under the sole too.
= 64m | Gaiter strap snapped | Repairs | Ana | open
whatsapp+photo: The strap of the left one snapped on its first muddy day. Is there a spare?
> Hello Rosalind, what a pity. I can post you a pair of straps today, free of charge. Same address in Leeds?
whatsapp: Same address, but could you leave it with the neighbour at 14? I am away until Friday

@ Bram Oosterling | en | email bram.oosterling@example.test *
= 52d | Invoice for my employer | Invoices | Sara | resolve
email: Could I have the invoice for order 10188 in my company's name? VAT number below.
> Hello Bram, attached. The old one is cancelled, please use this number. / Sara
email: Perfect, bookkeeping is happy.

@ Maren Silfverberg | en | messenger maren.silf | email maren.s@example.test
= 4h | Bulk socks | Orders | Luca | wait
messenger: We need 30 pairs of wool socks for a race crew, sizes mixed. Doable before the 12th?
> Hi Maren, yes. I need the sizes by Wednesday. Grey or red?
messenger: Red! Collecting the sizes now
> Great, I have put 30 red pairs aside.

@ Callum Tregarthen | en | chat v-2ad5f0
= 11m | Student discount | Orders | Luca | open
chat: hi! do you do student discount?
> Hi, yes, 10 % with a student card. Which item did you have in mind?
chat: the Nuvola jacket, L, dark blue

@ Yasmin Delacourt | en | email yasmin.delacourt@example.test * | telegram yas_outside
= 139d | Child carrier | Orders | Sara | resolve
email: Is the child carrier fine for a toddler of 13 kg?
> Hello Yasmin, up to 18 kg including luggage. Come by and try it loaded, we have sandbags dressed as toddlers. / Sara
email: Ha, we will!
= 21d | Carrier buckle | Repairs | Sara | resolve
telegram: The chest buckle clicks but opens when I bend. Worrying with a child in it.
> Please don't use it until we have seen it, Yasmin. A new buckle leaves by express today; it slides on without tools.
telegram: It came and holds. Thank you for taking it seriously.

@ Lachlan Pemberthy | en | email lachlan.p@example.test
= 430m | Missing item | Delivery | - | open
email: Order 10409 came without the gas cartridge. I understand that it may not fly, but nobody told me, and the stove
  is not much use alone. / Lachlan Pemberthy

@ Astrid Holmgren-Wray | en | email astrid.hw@example.test *
= 102d | Boots after a flood | Repairs | Ana | resolve
email: My boots stood in river water for a night. How do I dry them without ruining the leather?
> Hello Astrid, newspaper inside, changed every few hours, no radiator and no sun. Then the blue spray. / Ana
email: They survived. You should put this on your site.
> We will, with thanks to your river. / Ana

@ Gwen Abernethy | en | whatsapp +44 20 7555 0161
= 3d | Gift wrapping | Orders | Sara | resolve
whatsapp: Can you wrap order 10397 and put a card in? "Finally your own, stop borrowing mine. G."
> Done, with a straight face. It leaves this afternoon.
whatsapp: You are wonderful

@ Tobias Kestrel | en | email tobias.kestrel@example.test | phone +44 20 7555 0162
= 30h | Return label again | Returns | Sara | snooze 5h
email: The return label for 10355 expired before I got to a post office. Could you make a new one?
> Hello Tobias, of course: attached, good for 30 days. I keep an eye on the parcel. / Sara
# Look whether the parcel has been scanned; refund at once if it has.

@ Philippa Norcross | en | messenger pip.norcross *
= 27d | Lost glove | Orders | Ana | resolve
messenger: Do you sell single gloves? The left one now lives on a glacier.
> Hello Philippa, not on the site, but we have four orphans in a drawer. Which size?
messenger: M, dark grey
> Match! It is on its way, no charge.

@ Edmund Larkwood | en | email edmund.larkwood@example.test *
= 58m | Boots for hallux | Sizes | Sara | open
email: Good morning, / I have a pronounced hallux on both feet and every boot I owned hurt after an hour. Is there a
  last of yours with a wide, straight toe box? I could travel to Lucca for a fitting. / Edmund Larkwood

@ Nadia Osterhaus | en | sms +1 202 555 0165
= 8d | Pick-up point | Delivery | Luca | resolve
sms: Parcel 10378 went to a pick-up point 12 miles away. Can it be redirected?
>! Hi, I asked the courier to bring it to your door on Thursday.
> Second try: redirected, at your door on Thursday before noon.
sms: Got both, thanks :)

@ Ottoline Brandreth | en | email ottoline.b@example.test * | instagram otti.outdoors
= 143d | Talk at our club | Orders | Sara | resolve
email: Would somebody of yours give a talk about boot care at our walking club? We pay in cake.
> Hello Ottoline, cake is our preferred currency. Piero would love to; which evening? / Sara
email: Thursday the 19th, seven o'clock. There will be three kinds.
# Piero: yes. He asks for the lemon one.
= 92m | Second talk | Orders | - | open
instagram: The club still speaks of Piero. Would he do one on knots, too?

@ Hamish Rutherglen | en | whatsapp +44 20 7555 0167
= 75d | Size exchange | Returns | Luca | resolve
whatsapp: 44 is a touch long, may I swap for 43.5?
> Of course, Hamish. The label is in your box, under the lid.
whatsapp: Found it. Posted.
> The 43.5 left today.

@ Solveig Aaberg | en | email solveig.aaberg@example.test *
= 26m | Snowshoes for children | Sizes | Luca | open
email: Dear Passolungo, / which snowshoes carry a child of 28 kg with a small rucksack, and do they fit winter boots
  of size
  33? / Solveig Aaberg

@ Percival Stroud | en | email percival.stroud@example.test * | phone +44 20 7555 0169
= 19d | Very old boots | Repairs | Sara | resolve
email+photo: I bought these from your father in 1988. Can they be saved?
> Dear Percival, what a picture. Piero says the leather is better than anything made today: yes, they can. / Sara
call: 9 min: he brings them himself in spring and wants to see the workshop
email: Splendid. They and I shall be there in April.
"""
